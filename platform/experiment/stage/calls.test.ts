import { expect, test } from '@jest/globals';
import { seeded } from '../../random.ts';
import { drawLatency, healthy, openSlots } from './behaviour.ts';
import {
  type Call,
  callsOf,
  describeFailures,
  failures,
  latencies,
  overTime,
  secondsToShare,
  shareOf,
  within,
} from './calls.ts';

const call = (at_s: number, replica = 'a', latency_ms = 10): Call => ({
  at_s,
  latency_ms,
  code: replica ? 'OK' : 'UNAVAILABLE',
  replica,
});

test('times count from the beginning of the load', () => {
  const [one] = callsOf([{ at_ms: 5_500, latency_ms: 3, code: 'OK', replica: 'a' }], 5_000);
  expect(one).toEqual({ at_s: 0.5, latency_ms: 3, code: 'OK', replica: 'a' });
});

test('of nothing there is no latency, and no claim about it holds', () => {
  expect(latencies([]).p99).toBeNaN();
  expect(latencies([call(0), call(1, 'a', 30)]).max).toBeCloseTo(30, 0);
});

test('failures are told by their code, and have no share', () => {
  const calls = [call(0), call(1, ''), call(2, 'b'), call(3, '')];
  expect(failures(calls)).toBe(2);
  expect(describeFailures(calls)).toBe('2 UNAVAILABLE');
  expect(describeFailures([])).toBe('none');
  expect(shareOf(calls, 'a')).toBe(0.5);
  expect(within(calls, 1, 3)).toHaveLength(2);
});

test('over time there is a value for each step, and a gap where there were no calls', () => {
  expect(overTime([call(0.1), call(0.2), call(2.5)], 1, (some) => some.length)).toEqual([
    [0.5, 2],
    [1.5, undefined],
    [2.5, 1],
  ]);
});

test('a replica has its share when it answers so many of the calls of a second', () => {
  const calls = Array.from({ length: 1000 }, (_, index) =>
    call(index / 100, index >= 300 && index % 2 ? 'new' : 'old'),
  );
  expect(secondsToShare(calls, 'new', 0.5, 3)).toBeCloseTo(1, 1);
  expect(secondsToShare(calls, 'new', 0.6, 3)).toBe(Infinity);
});

test('latencies are about what is asked for, the same for the same seed', () => {
  const draw = () => {
    const random = seeded(1);
    return Array.from({ length: 10_000 }, () =>
      drawLatency({ ...healthy, slow: { share: 0.01, latency_ms: 999 } }, random),
    ).sort((a, b) => a - b);
  };
  const drawn = draw();
  expect(drawn[5_000]).toBeCloseTo(healthy.latency_ms, 0);
  expect(drawn.filter((latency_ms) => latency_ms === 999).length / 100).toBeCloseTo(1, 0);
  expect(drawn).toEqual(draw());
});

test('no more calls are worked on than there are slots, in the order in which they came', async () => {
  const inSlot = openSlots(() => 2);
  const done: number[] = [];
  let busy = 0;
  let most = 0;
  const work = async (index: number) => {
    most = Math.max(most, ++busy);
    await new Promise((resolve) => setTimeout(resolve, 5));
    busy -= 1;
    done.push(index);
  };
  await Promise.all(Array.from({ length: 9 }, (_, index) => inSlot(() => work(index))));
  expect(most).toBe(2);
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});
