import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooser } from './choosing.ts';
import { leastLoaded } from './least-loaded.ts';
import { parseSettings } from './settings.ts';
import { candidate, seeded } from './testing/candidates.ts';
import { byZone } from './zones.ts';

const members = (zones: Readonly<Record<string, number>>) =>
  Object.entries(zones).flatMap(([zone, count]) => Array.from({ length: count }, () => ({ zone })));
const zone = fc.constantFrom('a', 'b', 'c', undefined);
const endpoints = fc.array(fc.record({ zone }), { minLength: 1, maxLength: 30 });

describe('of the calls from one zone', () => {
  test.each([
    [{ a: 2, b: 2, c: 2 }, 1],
    [{ a: 3, b: 3, c: 4 }, 1],
    // 1.4 times the even share of one of five, where a third of all calls comes from.
    [{ a: 1, b: 2, c: 2 }, 0.84],
    [{ a: 1, b: 5 }, 0.47],
    [{ b: 1 }, 1],
  ])('with endpoints %j this part stays: %d', (zones, share) => {
    expect(byZone(members(zones), 'a', 1.4).nearShare).toBeCloseTo(share, 2);
  });

  test('none stays where there is no endpoint, and all are far', () => {
    const { near, far } = byZone(members({ b: 2, c: 1 }), 'a', 1.4);
    expect([near.length, far.length]).toEqual([3, 0]);
  });

  test('the rest goes where there is most to spare', () => {
    const { far } = byZone(members({ a: 1, b: 1, c: 4 }), 'a', 1.4);
    expect(far.map(({ zone }) => zone)).toEqual(['c', 'c', 'c', 'c']);
  });

  test('more stays the more endpoints there are, and always enough of them to be busy', () => {
    fc.assert(
      fc.property(endpoints, (others) => {
        const all = [...others, { zone: 'a' }];
        const { nearShare } = byZone(all, 'a', 1.4);
        expect(byZone([...all, { zone: 'a' }], 'a', 1.4).nearShare).toBeGreaterThanOrEqual(nearShare - 1e-9);
        expect(nearShare).toBeGreaterThan(0);
        expect(nearShare).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('no endpoint of the zone gets more than the overload, when callers are spread evenly', () => {
    fc.assert(
      fc.property(endpoints, fc.double({ min: 1, max: 3, noNaN: true }), (others, overload) => {
        const all = [...others, { zone: 'a' }];
        const { near, nearShare } = byZone(all, 'a', overload);
        const zones = new Set(all.map(({ zone }) => zone)).size;
        const even = 1 / all.length;
        expect(nearShare / zones / near.length).toBeLessThanOrEqual(overload * even + 1e-9);
      }),
    );
  });

  test('all endpoints are near or far, and none is both', () => {
    fc.assert(
      fc.property(endpoints, zone, (all, zone) => {
        const { near, far } = byZone(all, zone, 1.4);
        expect(near.some((one) => far.includes(one))).toBe(false);
        expect(near.length).toBeGreaterThan(0);
        expect(near.length === all.length || far.length > 0).toBe(true);
      }),
    );
  });
});

test('when those near have no room, those far are called, and the other way round', () => {
  const busy = { inFlight: 1, latency_ms: 5, at_ms: 0 };
  const settings = parseSettings({ maxInFlight: 1 });
  const [near, far] = [candidate('near', { zone: 'a' }), candidate('far', { zone: 'b' })];
  const caller = { zone: 'a', settings, policy: leastLoaded, random: seeded() };
  const choose = chooser([near, far], caller, 0);
  expect(choose(0, 1)).toBe(near);
  near.load = busy;
  expect(choose(0, 1)).toBe(far);
  far.load = busy;
  expect(choose(0, 1)).toBeUndefined();
});
