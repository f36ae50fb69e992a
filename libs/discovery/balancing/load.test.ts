import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { choose, cost, ended, type Load, started, UNUSED } from './load.ts';

const NOW = 100_000;
const time = fc.double({ min: 0, max: NOW, noNaN: true });
const latency = fc.double({ min: 0, max: 1_000, noNaN: true });
const used: fc.Arbitrary<Load> = fc.record({ inFlight: fc.nat(1_000), latency_ms: latency, at_ms: time });
const load = fc.oneof(used, fc.record({ inFlight: fc.nat(1_000), latency_ms: fc.constant(undefined), at_ms: time }));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

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
          load = ended(started(load), latency_ms, false, now_ms);
        }
        const latencies = calls.map(([latency_ms]) => latency_ms);
        expect(load.inFlight).toBe(0);
        expect(load.latency_ms).toBeGreaterThanOrEqual(Math.min(...latencies) - 1e-6);
        expect(load.latency_ms).toBeLessThanOrEqual(Math.max(...latencies));
      }),
    );
  });

  test('jumps up at once and comes down by and by', () => {
    const peak = ended({ inFlight: 1, latency_ms: 5, at_ms: 0 }, 300, false, 10);
    expect(peak.latency_ms).toBe(300);
    const soon = ended(started(peak), 5, false, 15);
    expect(soon.latency_ms).toBeGreaterThan(290);
    const late = ended(started(soon), 5, false, 20_000);
    expect(late.latency_ms).toBeLessThan(6);
  });

  test('does not come from streams', () => {
    const before = { inFlight: 1, latency_ms: 5, at_ms: 0 };
    expect(ended(before, 60_000, false, 60_000)).toEqual({ ...before, inFlight: 0 });
  });

  test('of a failure is long, however fast it was', () => {
    expect(ended({ inFlight: 1, latency_ms: 5, at_ms: 0 }, 0.1, true, 10).latency_ms).toBe(1_000);
  });
});

describe('choose', () => {
  test('never takes the most loaded while there is another', () => {
    fc.assert(
      fc.property(fc.array(load, { minLength: 2, maxLength: 20 }), chance, chance, (loads, a, b) => {
        const candidates = loads.map((load) => ({ load }));
        const costs = loads.map((load) => cost(load, NOW)).sort((a, b) => a - b);
        const random = [a, b].values();
        const chosen = choose(candidates, () => random.next().value!, NOW);
        expect(cost(chosen.load, NOW)).toBeLessThanOrEqual(costs.at(-2)!);
      }),
    );
  });

  test('takes the only one', () => {
    fc.assert(fc.property(load, chance, (load, a) => choose([{ load }], () => a, NOW).load === load));
  });

  test('gives equals equal shares', () => {
    expect(shares([10, 10, 10, 10])).toEqual([0.25, 0.25, 0.25, 0.25].map((share) => expect.closeTo(share, 1)));
  });

  test('gives a slow endpoint less, and one that hangs next to nothing', () => {
    const [quick, slow, hanging] = shares([10, 40, 60_000]) as [number, number, number];
    expect(quick).toBeGreaterThan(1.5 * slow);
    expect(slow).toBeGreaterThan(0.1);
    expect(hanging).toBeLessThan(0.05);
  });
});

// The shares of the calls that endpoints with these latencies get when 20 callers call one after the other.
function shares(latencies_ms: readonly number[]): number[] {
  const endpoints = latencies_ms.map((latency_ms) => ({ latency_ms, load: UNUSED, calls: 0 }));
  const random = seeded();
  const ends: { at_ms: number; endpoint: (typeof endpoints)[number] }[] = [];
  const call = (now_ms: number) => {
    const endpoint = choose(endpoints, random, now_ms);
    endpoint.load = started(endpoint.load);
    endpoint.calls += 1;
    ends.push({ at_ms: now_ms + endpoint.latency_ms, endpoint });
  };
  for (let caller = 0; caller < 20; caller++) call(0);
  for (let call_count = 0; call_count < 10_000; call_count++) {
    ends.sort((a, b) => a.at_ms - b.at_ms);
    const { at_ms, endpoint } = ends.shift()!;
    endpoint.load = ended(endpoint.load, endpoint.latency_ms, false, at_ms);
    call(at_ms);
  }
  const calls = endpoints.reduce((sum, endpoint) => sum + endpoint.calls, 0);
  return endpoints.map((endpoint) => endpoint.calls / calls);
}

// A linear congruential generator: the same chance in every run.
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
