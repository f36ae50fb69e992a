import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { restartDelay_ms } from './backoff.ts';

test('waits double up to ten seconds', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 99].map((deaths) => restartDelay_ms(deaths, 1))).toEqual([
    200, 400, 800, 1600, 3200, 6400, 10_000, 10_000,
  ]);
});

test('jitter takes half of a wait at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (deaths, random) => {
      const longest_ms = restartDelay_ms(deaths, 1);
      const delay_ms = restartDelay_ms(deaths, random);
      expect(delay_ms).toBeLessThanOrEqual(longest_ms);
      expect(delay_ms).toBeGreaterThanOrEqual(longest_ms / 2);
    }),
  );
});
