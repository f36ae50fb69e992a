import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoff_ms } from './backoff.ts';

test.each([
  [1, 20],
  [2, 40],
  [3, 80],
  [7, 1_000],
  [10_000, 1_000],
])('after %i attempts it is %i ms at most', (attempts, most_ms) => {
  const backoff = { first_ms: 20, cap_ms: 1_000 };
  expect(backoff_ms(attempts, backoff, 1)).toBe(most_ms);
  expect(backoff_ms(attempts, backoff, 0.5)).toBe(most_ms / 2);
  expect(backoff_ms(attempts, backoff, 0)).toBe(0);
});

test('it never shrinks, and never exceeds its cap', () => {
  const settings = fc.record({
    first_ms: fc.integer({ min: 1, max: 1_000 }),
    cap_ms: fc.integer({ min: 1, max: 10_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), settings, (attempts, backoff) => {
      const most_ms = backoff_ms(attempts, backoff, 1);
      expect(most_ms).toBeLessThanOrEqual(backoff.cap_ms);
      expect(backoff_ms(attempts + 1, backoff, 1)).toBeGreaterThanOrEqual(most_ms);
    }),
  );
});
