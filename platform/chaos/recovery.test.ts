import { expect, test } from '@jest/globals';
import { baselineOf, percentile, recoveriesOf } from './recovery.ts';
import type { Backlog, Happened, Order, Timeline } from './timeline.ts';

const end_ms = 30_000;
const quiet = { open: 0, oldestOpen_s: 0, prepared: 0, oldestPrepared_s: 0 };
const kill = (begun_ms: number): Happened => ({
  fault: { type: 'kill', replica: 'order-1' },
  begun_ms,
  healed_ms: begun_ms,
});

/** 20 orders per second; each takes as long as is said for when it comes, or is never answered. */
function run(faults: readonly Happened[], latency_ms: (at_ms: number) => number | undefined, oldest_s = 0): Timeline {
  const orders = Array.from({ length: (end_ms / 1000) * 20 }, (_, index): Order => {
    const scheduled_ms = index * 50;
    const lasts_ms = latency_ms(scheduled_ms);
    return lasts_ms === undefined
      ? { scheduled_ms }
      : { scheduled_ms, answered_ms: scheduled_ms + lasts_ms, outcome: 'confirmed' };
  });
  const backlog = Array.from({ length: (end_ms / 1000) * 2 }, (_, index): Backlog => {
    const isStuck = oldest_s > 0 && index * 0.5 >= 10 && index * 0.5 < 10 + oldest_s;
    const progress = isStuck ? { ...quiet, open: 1, oldestOpen_s: index * 0.5 - 9 } : quiet;
    return { at_ms: index * 500, progress };
  });
  return { orders, faults, backlog, misses_ms: [], calm_ms: 5000, end_ms };
}

test('a fault that changes nothing is over at once', () => {
  const timeline = run([kill(10_000)], () => 40);
  expect(baselineOf(timeline)).toEqual({ throughput: 20, p90_ms: 40 });
  expect(recoveriesOf(timeline)).toEqual([{ recovery_ms: 0, disturbed: false }]);
});

test('it is over when the orders of before are answered and latency is what it was', () => {
  // All that come within three seconds are answered at their end, and slowly for two seconds more.
  const slow = (at_ms: number) => (at_ms >= 10_000 && at_ms < 13_000 ? 13_000 - at_ms : at_ms < 15_000 ? 200 : 40);
  const [recovery] = recoveriesOf(run([kill(10_000)], (at_ms) => (at_ms < 10_000 ? 40 : slow(at_ms))));
  expect(recovery?.recovery_ms).toBeGreaterThan(4900);
  expect(recovery?.recovery_ms).toBeLessThan(5500);
});

test('and when no transaction of before is open', () => {
  const [recovery] = recoveriesOf(run([kill(10_000)], () => 40, 6));
  expect(recovery).toEqual({ recovery_ms: 6000, disturbed: false });
});

test('one whose orders are never answered is not over, nor is one that was not healed', () => {
  expect(recoveriesOf(run([kill(10_000)], (at_ms) => (at_ms === 9000 ? undefined : 40)))).toEqual([
    { disturbed: false },
  ]);
  const { healed_ms: _, ...unhealed } = kill(10_000);
  expect(recoveriesOf(run([unhealed], () => 40))).toEqual([{ disturbed: false }]);
});

test('another fault on the way is noted', () => {
  const outage = (at_ms: number) => (at_ms >= 10_000 && at_ms < 13_000 ? 13_000 - at_ms : 40);
  const recoveries = recoveriesOf(run([kill(10_000), kill(12_000), kill(20_000)], outage));
  expect(recoveries.map(({ disturbed }) => disturbed)).toEqual([true, false, false]);
});

test('percentiles', () => {
  expect(percentile([], 0.5)).toBe(0);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([3, 1, 2], 1)).toBe(3);
});
