import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { runOpenLoop } from './openloop.ts';

const never = new AbortController().signal;

test('work begins by the clock, however long it takes', async () => {
  const starts: number[] = [];
  const begun_ms = performance.now();
  const work = async () => {
    starts.push(performance.now() - begun_ms);
    await sleep(300);
  };
  await runOpenLoop({ rate: 100, duration_s: 0.5, maxInFlight: 1000, signal: never, work });
  expect(starts.length).toBe(50);
  // The last one is due after 490 ms; one by one it would begin after 14.7 s.
  expect(starts.at(-1)).toBeGreaterThanOrEqual(489);
  expect(starts.at(-1)).toBeLessThan(3000);
});

test('a stall of the system shows in the latency of all that should have begun meanwhile', async () => {
  const latencies: number[] = [];
  let blocked: Promise<void> | undefined;
  const work = async (scheduled_ms: number) => {
    // One at a time, and the first one takes 300 ms.
    blocked ??= sleep(300);
    await blocked;
    latencies.push(performance.now() - scheduled_ms);
  };
  await runOpenLoop({ rate: 100, duration_s: 0.2, maxInFlight: 1, signal: never, work });
  expect(latencies.length).toBe(20);
  // Without the schedule, 19 of them would look instant: each began after the stall.
  expect(latencies.filter((latency_ms) => latency_ms > 90).length).toBe(20);
});

test('no more is in flight than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inFlight);
    await sleep(5);
    inFlight -= 1;
  };
  await runOpenLoop({ rate: 1000, duration_s: 0.1, maxInFlight: 7, signal: never, work });
  expect(most).toBeLessThanOrEqual(7);
});

test('an interruption ends the arrivals, and what has begun is waited for', async () => {
  const interrupt = new AbortController();
  let begun = 0;
  let ended = 0;
  const work = async () => {
    if (++begun === 10) interrupt.abort();
    await sleep(50);
    ended += 1;
  };
  await runOpenLoop({ rate: 100, duration_s: 10, maxInFlight: 100, signal: interrupt.signal, work });
  expect(ended).toBe(begun);
  // Not 10, since after a pause of the machine several are due at once.
  expect(ended).toBeLessThan(500);
});
