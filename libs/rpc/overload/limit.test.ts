import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { goal_ms, initialLimit, type Limit, nextLimit, type Sample } from './limit.ts';

const options = { initial: 100, min: 8, max: 500, tolerance: 2, calm_ms: 20, memory_ms: 10_000 };
const latency = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const samples = fc.record<Sample>({
  latency_ms: latency,
  elapsed_ms: fc.double({ min: 1, max: 60_000, noNaN: true }),
  peak: fc.nat(1_000),
  isFull: fc.boolean(),
});
const after = (history: readonly Sample[]) =>
  history.reduce<Limit>((now, sample) => nextLimit(now, sample, options), initialLimit(options));
const full = (latency_ms: number): Sample => ({ latency_ms, elapsed_ms: 100, peak: 100, isFull: true });
const roomy = (latency_ms: number): Sample => ({ latency_ms, elapsed_ms: 100, peak: 1, isFull: false });

describe('whatever has happened', () => {
  test('the limit stays between its bounds', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 30 }), (history) => {
        const { limit } = after(history);
        expect(limit).toBeGreaterThanOrEqual(options.min);
        expect(limit).toBeLessThanOrEqual(options.max);
      }),
    );
  });

  test('a higher latency never makes it higher', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 30 }), samples, latency, (history, sample, more_ms) => {
        const now = after(history);
        const slower = { ...sample, latency_ms: sample.latency_ms + more_ms };
        expect(nextLimit(now, slower, options).limit).toBeLessThanOrEqual(nextLimit(now, sample, options).limit);
      }),
    );
  });

  test('it falls only when it has held somebody up, and calls take longer than their goal', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 30 }), samples, (history, sample) => {
        const now = after(history);
        const next = nextLimit(now, sample, options);
        if (next.limit >= now.limit) return;
        expect(sample.isFull).toBe(true);
        expect(sample.latency_ms).toBeGreaterThan(goal_ms(now, options));
      }),
    );
  });

  test('an overload is never taken for the usual', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 30 }), fc.array(latency, { maxLength: 30 }), (history, latencies) => {
        const before = after(history);
        const { usual_ms } = latencies.reduce((now, latency_ms) => nextLimit(now, full(latency_ms), options), before);
        if (before.usual_ms === undefined) expect(usual_ms).toBeUndefined();
        else expect(usual_ms).toBeLessThanOrEqual(before.usual_ms);
      }),
    );
  });
});

test('after an overload it comes back to where it began', () => {
  const overloaded = after([roomy(5), ...Array(200).fill(full(1_000))]);
  expect(overloaded.limit).toBe(options.min);
  const over = Array(200)
    .fill(roomy(5))
    .reduce((now, sample) => nextLimit(now, sample, options), overloaded);
  expect(over.limit).toBe(options.initial);
});

test('where more calls take no longer it grows', () => {
  expect(after([roomy(5), ...Array(200).fill(full(5))]).limit).toBe(options.max);
});
