import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { abandoned, cost, ended, type Load, renewed, started, UNUSED } from './load.ts';

const NOW = 100_000;
const time = fc.double({ min: 0, max: NOW, noNaN: true });
const latency = fc.double({ min: 0, max: 1_000, noNaN: true });
const used: fc.Arbitrary<Load> = fc.record({ inFlight: fc.nat(1_000), latency_ms: latency, at_ms: time });
const load = fc.oneof(used, fc.record({ inFlight: fc.nat(1_000), latency_ms: fc.constant(undefined), at_ms: time }));

describe('cost', () => {
  test('grows with the calls in flight', () => {
    fc.assert(fc.property(load, (load) => cost(started(load), NOW) > cost(load, NOW)));
  });

  test('fades with time, but never below that of a quick endpoint with as many calls', () => {
    fc.assert(
      fc.property(used, fc.nat(60_000), (load, later_ms) => {
        expect(cost(load, NOW + later_ms)).toBeLessThanOrEqual(cost(load, NOW));
        expect(cost(load, NOW + later_ms)).toBeGreaterThanOrEqual(5 * (load.inFlight + 1));
      }),
    );
  });

  test('of an endpoint that has not answered yet: nothing, then that of a failing one', () => {
    expect(cost(UNUSED, NOW)).toBe(0);
    expect(cost(started(UNUSED), NOW)).toBe(1_000);
  });
});

describe('latency', () => {
  test('is never outside of what was observed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(latency, fc.nat(5_000)), { minLength: 1 }), (calls) => {
        let load = UNUSED;
        let now_ms = 0;
        for (const [latency_ms, wait_ms] of calls) {
          now_ms += wait_ms;
          load = ended(started(load), latency_ms, 'fine', now_ms);
        }
        const latencies = calls.map(([latency_ms]) => latency_ms);
        expect(load.inFlight).toBe(0);
        expect(load.latency_ms).toBeGreaterThanOrEqual(Math.min(...latencies) - 1e-6);
        expect(load.latency_ms).toBeLessThanOrEqual(Math.max(...latencies));
      }),
    );
  });

  test('jumps up at once and comes down by and by', () => {
    const peak = ended({ inFlight: 1, latency_ms: 5, at_ms: 0 }, 300, 'fine', 10);
    expect(peak.latency_ms).toBe(300);
    const soon = ended(started(peak), 5, 'fine', 15);
    expect(soon.latency_ms).toBeGreaterThan(290);
    const late = ended(started(soon), 5, 'fine', 20_000);
    expect(late.latency_ms).toBeLessThan(6);
  });

  test('does not come from streams', () => {
    const before = { inFlight: 1, latency_ms: 5, at_ms: 0 };
    expect(ended(before, 60_000, 'fine', 60_000)).toEqual({ ...before, inFlight: 0 });
  });

  test('is at least what a call has waited that was cancelled then, and such a call never makes it less', () => {
    const before = { inFlight: 1, latency_ms: 50, at_ms: 0 };
    expect(ended(before, 20, 'unknown', 10).latency_ms).toBe(50);
    expect(ended(before, 80, 'unknown', 10).latency_ms).toBe(80);
    expect(ended({ ...before, latency_ms: undefined }, 80, 'unknown', 10).latency_ms).toBeUndefined();
  });

  test('of a failure is long, however fast it was', () => {
    expect(ended({ inFlight: 1, latency_ms: 5, at_ms: 0 }, 0.1, 'sick', 10).latency_ms).toBe(1_000);
  });

  test('is forgotten when another process has the address, but not that calls are under way', () => {
    expect(renewed({ inFlight: 3, latency_ms: 50, at_ms: 7 })).toEqual({
      inFlight: 3,
      latency_ms: undefined,
      at_ms: 0,
    });
  });
});

test('a call that is never made leaves no trace', () => {
  fc.assert(fc.property(load, (load) => expect(abandoned(started(load))).toEqual(load)));
});
