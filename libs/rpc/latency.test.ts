import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLatency } from './latency.ts';

const all = (latencies: readonly number[]) => {
  const latency = createLatency();
  for (const one of latencies) latency.observe(one, 0);
  return latency;
};

describe('latency', () => {
  test('is not known from a few calls', () => {
    const latency = all(Array.from({ length: 99 }, () => 5));
    expect([latency.p95_ms(), latency.fastest_ms(0)]).toEqual([undefined, undefined]);
  });

  test('is at most a fifth off', () => {
    const latencies = fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 128, maxLength: 128 });
    fc.assert(
      fc.property(latencies, (observed) => {
        const latency = all(observed);
        const sorted = observed.toSorted((a, b) => a - b);
        const rank = (quantile: number) => sorted[Math.ceil(quantile * sorted.length) - 1]!;
        expect(latency.p95_ms()).toBeGreaterThanOrEqual(rank(0.95) * 0.999);
        expect(latency.p95_ms()).toBeLessThanOrEqual(rank(0.95) * 1.2);
        expect(latency.fastest_ms(0)).toBeLessThanOrEqual(rank(0.01) * 1.001);
        expect(latency.fastest_ms(0)).toBeGreaterThanOrEqual(rank(0.01) / 1.2);
      }),
    );
  });

  test('takes what is out of all bounds', () => {
    expect(all(Array.from({ length: 128 }, () => 0)).p95_ms()).toBeLessThan(1);
    expect(all(Array.from({ length: 128 }, () => 1e9)).p95_ms()).toBeGreaterThan(60_000);
  });

  test('is known anew when a method has changed', () => {
    const latency = all(Array.from({ length: 10_000 }, () => 10));
    expect(latency.p95_ms()).toBeLessThan(13);
    for (let call = 0; call < 128; call++) latency.observe(100, 0);
    expect(latency.p95_ms()).toBeGreaterThan(80);
    for (let call = 0; call < 3_072; call++) latency.observe(1, 0);
    expect(latency.p95_ms()).toBeLessThan(1.3);
    expect(latency.fastest_ms(0)).toBeLessThan(1.01);
  });

  test('at best is believed for a second', () => {
    const latency = all(Array.from({ length: 128 }, () => 50));
    expect(latency.fastest_ms(1_000)).toBeGreaterThan(40);
    expect(latency.fastest_ms(1_001)).toBeUndefined();
    expect(latency.p95_ms()).toBeGreaterThan(40);
  });
});
