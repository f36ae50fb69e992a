import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { addStrain, eventLoopLag_ms, strain_ms, watchRuntime } from './runtime.ts';

/** Until it is so; the test's own deadline ends it otherwise. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

/** Keeps the event loop from coming around. */
function block(for_ms: number): void {
  const end = performance.now() + for_ms;
  while (performance.now() < end);
}

test('an event loop that is held up has a lag, which is forgotten', async () => {
  const stop = watchRuntime();
  block(1_000);
  await until(() => eventLoopLag_ms() > 300);
  const most_ms = eventLoopLag_ms();
  await until(() => eventLoopLag_ms() < most_ms / 2);
  stop();
  expect(eventLoopLag_ms()).toBe(0);
});

test('it is watched as long as anybody does', () => {
  const [one, other] = [watchRuntime(), watchRuntime()];
  one();
  one();
  const still = watchRuntime();
  still();
  other();
  expect(eventLoopLag_ms()).toBe(0);
});

test('what else calls wait for is added to it', () => {
  const ends = [addStrain(() => 20), addStrain(() => 3)];
  expect(strain_ms()).toBe(23);
  ends[0]!();
  expect(strain_ms()).toBe(3);
  ends[1]!();
  expect(strain_ms()).toBe(0);
});
