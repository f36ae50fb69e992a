import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consistentHash } from './consistent-hash.ts';
import { leastLoaded } from './least-loaded.ts';
import { cost } from './load.ts';
import { shareOf, toPool } from './pool.ts';
import { roundRobin } from './round-robin.ts';
import { candidate, seeded, shares, type TestCandidate } from './testing/candidates.ts';

const NOW = 100_000;
const NO_LIMIT = Number.POSITIVE_INFINITY;
const load = fc.record({
  inFlight: fc.nat(50),
  latency_ms: fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: undefined }),
  at_ms: fc.double({ min: 0, max: NOW, noNaN: true }),
});
const since_ms = fc.option(fc.integer({ min: NOW - 20_000, max: NOW }), { nil: undefined });
const candidates = fc
  .array(fc.record({ load, since_ms }), { minLength: 1, maxLength: 12 })
  .map((some) => some.map((about, index) => candidate(`10.0.0.${index}:50051`, about)));
const settled = candidates.map((some) => some.map(({ key, load }) => candidate(key, { load })));
const seed = fc.integer({ min: 1, max: 2 ** 31 - 2 });
const key = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const named = (count: number, about: Partial<TestCandidate> = {}) =>
  Array.from({ length: count }, (_, index) => candidate(`10.0.0.${index}:50051`, about));

const policies = { leastLoaded, roundRobin, consistentHash: consistentHash(1.25) };

describe.each(Object.entries(policies))('%s', (_, policy) => {
  test('never chooses who has as many calls as it may have, and none only when all have', () => {
    fc.assert(
      fc.property(candidates, seed, key, fc.integer({ min: 1, max: 50 }), (all, seed, key, maxInFlight) => {
        const choose = policy(toPool(all, 3_000, NOW), maxInFlight, seeded(seed));
        const chosen = choose(NOW, key);
        if (chosen) expect(chosen.load.inFlight).toBeLessThan(maxInFlight);
        else for (const { load } of all) expect(load.inFlight).toBeGreaterThanOrEqual(maxInFlight);
      }),
    );
  });

  test('gives equals shares that are about equal', () => {
    const all = named(4);
    const choose = policy(toPool(all, 3_000, 0), NO_LIMIT, seeded());
    for (const share of shares(all, choose, 20)) {
      expect(share).toBeGreaterThan(0.18);
      expect(share).toBeLessThan(0.32);
    }
  });

  test('gives a new one more and more, and never more than its part of an even share', () => {
    const parts = [0, 0.25, 0.5, 0.75, 1].map((age) => {
      const all = [...named(9), candidate('10.0.0.9:50051', { since_ms: NOW - age * 3_000 })];
      const choose = policy(toPool(all, 3_000, NOW), NO_LIMIT, seeded());
      const random = seeded(3);
      let calls = 0;
      for (let call = 0; call < 20_000; call++) {
        if (choose(NOW, Math.floor(random() * 2 ** 32)) === all[9]) calls += 1;
      }
      return calls / 20_000;
    });
    for (let index = 1; index < parts.length; index++) expect(parts[index]!).toBeGreaterThan(parts[index - 1]!);
    expect(parts[0]).toBeGreaterThan(0.004);
    expect(parts[0]).toBeLessThan(0.02);
    expect(parts[2]).toBeLessThan(0.07);
  });
});

describe('slow start', () => {
  test('is a share that grows with time and ends at one', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 10_000 }), fc.nat(5_000), fc.nat(5_000), (all, slow, a, b) => {
        const pool = toPool(all, slow, NOW);
        const [early, late] = [NOW + Math.min(a, b), NOW + Math.max(a, b)];
        for (const one of all) {
          expect(shareOf(one, pool, early)).toBeGreaterThanOrEqual(0.1);
          expect(shareOf(one, pool, late)).toBeGreaterThanOrEqual(shareOf(one, pool, early));
          expect(shareOf(one, pool, NOW + 10_000)).toBe(1);
        }
      }),
    );
  });

  test('holds nobody back when all are new, and never all of them', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const { warm } = toPool(all, 3_000, NOW);
        expect(warm.length).toBeGreaterThan(0);
        expect(warm.every((one) => all.includes(one))).toBe(true);
      }),
    );
    const all = named(3, { since_ms: NOW - 10 });
    expect(toPool(all, 3_000, NOW).warm).toEqual(all);
  });
});

describe('the least loaded of two', () => {
  test('is never one that is clearly more loaded than all others', () => {
    fc.assert(
      fc.property(settled, seed, (all, seed) => {
        const chosen = leastLoaded(toPool(all, 3_000, NOW), NO_LIMIT, seeded(seed))(NOW, 0)!;
        const costs = all.map(({ load }) => cost(load, NOW)).sort((a, b) => a - b);
        expect(cost(chosen.load, NOW)).toBeLessThanOrEqual(1.5 * (costs.at(-2) ?? costs[0]!));
      }),
    );
  });

  test('gets at most twice an even share, however good it looks', () => {
    const all = named(8, { load: { inFlight: 9, latency_ms: 500, at_ms: NOW } });
    all[3] = candidate('idle');
    const choose = leastLoaded(toPool(all, 3_000, NOW), NO_LIMIT, seeded());
    const chosen = Array.from({ length: 20_000 }, () => choose(NOW, 0));
    expect(chosen.filter((one) => one === all[3]).length / 20_000).toBeCloseTo(2 / 8, 1);
  });

  test('is seldom a slow one, and next to never one that hangs', () => {
    const all = [10, 40, 60_000].map((latency_ms, index) => candidate(`${index}`, { latency_ms }));
    const choose = leastLoaded(toPool(all, 3_000, 0), NO_LIMIT, seeded());
    const [quick, slow, hanging] = shares(all, choose, 20) as [number, number, number];
    expect(quick).toBeGreaterThan(1.5 * slow);
    expect(slow).toBeGreaterThan(0.1);
    expect(hanging).toBeLessThan(0.05);
  });
});

describe('round robin', () => {
  test('takes each once before it takes one again', () => {
    fc.assert(
      fc.property(settled, seed, (all, seed) => {
        const choose = roundRobin(toPool(all, 3_000, NOW), NO_LIMIT, seeded(seed));
        for (let round = 0; round < 3; round++) {
          expect(new Set(all.map(() => choose(NOW, 0))).size).toBe(all.length);
        }
      }),
    );
  });
});

describe('consistent hashing', () => {
  const choosing = (all: TestCandidate[], bound = 1.25) =>
    consistentHash(bound)(toPool(all, 3_000, NOW), NO_LIMIT, Math.random);
  const idle = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 8 });
  const keys = fc.array(key, { minLength: 1, maxLength: 40 });

  test('moves no key but those of an endpoint that is gone', () => {
    fc.assert(
      fc.property(idle, keys, (names, keys) => {
        const all = names.map((name) => candidate(name));
        const [before, after] = [choosing(all), choosing(all.slice(1))];
        for (const key of keys) {
          const owner = before(NOW, key);
          if (owner !== all[0]) expect(after(NOW, key)).toBe(owner);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('moves to a new one each key once, and at the end all of its own', () => {
    fc.assert(
      fc.property(idle, keys, (names, keys) => {
        const old = names.slice(1).map((name) => candidate(name));
        const fresh = candidate(names[0]!, { since_ms: NOW });
        const [before, during, after] = [
          choosing(old),
          choosing([...old, fresh]),
          choosing([...old, candidate(fresh.key)]),
        ];
        for (const key of keys) {
          const owners = [0, 500, 1_500, 2_500, 3_000].map((age) => during(NOW + age, key)?.key);
          const moved = owners.indexOf(fresh.key);
          const end = moved < 0 ? owners.length : moved;
          expect(new Set(owners.slice(0, end))).toEqual(new Set(end > 0 ? [before(NOW, key)?.key] : []));
          expect(new Set(owners.slice(end)).size).toBeLessThanOrEqual(1);
          expect(owners.at(-1)).toBe(after(NOW, key)?.key);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('gives no endpoint more than its bound of the calls that are under way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.array(key, { maxLength: 200 }), (count, keys) => {
        const all = named(count);
        const choose = choosing(all);
        for (const [index, key] of keys.entries()) {
          const chosen = choose(NOW, key)!;
          chosen.load = { ...chosen.load, inFlight: chosen.load.inFlight + 1 };
          chosen.pool!.inFlight += 1;
          expect(chosen.load.inFlight).toBeLessThanOrEqual(Math.ceil((1.25 * (index + 1)) / count));
        }
      }),
      { numRuns: 50 },
    );
  });
});
