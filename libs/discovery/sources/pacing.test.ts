import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoff, pause, spread } from './pacing.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const limits = { base_ms: 100, cap_ms: 5_000 };

test('waits at most twice as long after each failure, and never longer than the cap', () => {
  fc.assert(
    fc.property(fc.nat({ max: 5_000 }), random, (failures, random) => {
      const wait_ms = backoff(failures, random, limits);
      expect(wait_ms).toBeGreaterThanOrEqual(0);
      expect(wait_ms).toBeLessThanOrEqual(Math.min(5_000, 100 * 2 ** failures));
    }),
  );
  expect([0, 1, 2, 10].map((failures) => backoff(failures, 0.5, limits))).toEqual([50, 100, 200, 2_500]);
});

test('what is on schedule comes between half of the interval and all of it', () => {
  fc.assert(
    fc.property(random, (random) => {
      expect(spread(1_000, random)).toBeGreaterThanOrEqual(500);
      expect(spread(1_000, random)).toBeLessThanOrEqual(1_000);
    }),
  );
});

test('a pause ends with its signal', async () => {
  const stop = new AbortController();
  const paused = pause(600_000, stop.signal);
  stop.abort();
  await paused;
  await pause(600_000, stop.signal);
});
