import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsOf, type Change, firstShortage } from './bounds.ts';

const window = fc.tuple(fc.nat(20), fc.nat(20)).map(([lo, length]) => ({ lo, hi: lo + length }));
const changes = fc.array(
  fc.record({ delta: fc.integer({ min: -5, max: 5 }), window, share: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

test('whenever the changes happen in their windows, the sum is within its bounds', () => {
  fc.assert(
    fc.property(changes, window, (made, asked) => {
      const bounds = boundsOf(made.map(({ delta, window }): Change => ({ delta, ...window })));
      const moments = made.map(({ delta, window: { lo, hi }, share }) => ({ delta, at: lo + share * (hi - lo) }));
      for (let time = asked.lo; time <= asked.hi; time++) {
        const sum = moments.filter(({ at }) => at <= time).reduce((total, { delta }) => total + delta, 0);
        expect(sum).toBeGreaterThanOrEqual(bounds.lowest(asked));
        expect(sum).toBeLessThanOrEqual(bounds.highest(asked));
      }
    }),
  );
});

test('they are no wider than they must be when all moments are known', () => {
  const bounds = boundsOf([
    { delta: 5, lo: 1, hi: 1 },
    { delta: -2, lo: 3, hi: 3 },
  ]);
  const at = (time: number) => [bounds.lowest({ lo: time, hi: time }), bounds.highest({ lo: time, hi: time })];
  expect([0, 2, 4].map(at)).toEqual([
    [0, 0],
    [5, 5],
    [3, 3],
  ]);
});

test('there was too little only when no order of events would have been enough', () => {
  const restock = { delta: 1, lo: 5, hi: 9 };
  expect(firstShortage([{ delta: -1, lo: 0, hi: 5 }, restock])).toBeUndefined();
  expect(firstShortage([{ delta: -1, lo: 0, hi: 4 }, restock])).toMatchObject({ delta: -1, hi: 4 });
  expect(firstShortage([{ delta: -1, lo: 0, hi: Number.POSITIVE_INFINITY }])).toBeDefined();
});
