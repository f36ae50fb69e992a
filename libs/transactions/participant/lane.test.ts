import { expect, test } from '@jest/globals';
import { createLane } from './lane.ts';

/** A lane whose batches end when the test says so. */
function gatedLane(options: { batchSize?: number; queueSize?: number; concurrency?: number } = {}) {
  const batches: { readonly items: readonly number[]; readonly end: () => void }[] = [];
  const lane = createLane<number, number>({
    batchSize: 100,
    queueSize: 100,
    concurrency: 1,
    ...options,
    async work(items, settle) {
      const { promise, resolve } = Promise.withResolvers<void>();
      batches.push({ items, end: resolve });
      await promise;
      for (const [index, item] of items.entries()) settle(index, -item);
    },
  });
  return { lane, batches, items: () => batches.map((batch) => batch.items) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what is submitted in one turn starts at once as one batch; what comes meanwhile is the next', async () => {
  const { lane, batches, items } = gatedLane();
  const first = [lane.submit(1), lane.submit(2)];
  await turn();
  const second = [3, 4, 5].map((item) => lane.submit(item));
  await turn();
  expect(items()).toEqual([[1, 2]]);
  batches[0]?.end();
  expect(await Promise.all(first)).toEqual([-1, -2]);
  expect(items()).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  batches[1]?.end();
  expect(await Promise.all(second)).toEqual([-3, -4, -5]);
});

test('batches have a size, and some of them run at a time', async () => {
  const { lane, batches, items } = gatedLane({ batchSize: 2, concurrency: 2 });
  for (let item = 1; item <= 5; item++) void lane.submit(item);
  await turn();
  expect(items()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  batches[1]?.end();
  await turn();
  expect(items()).toEqual([[1, 2], [3, 4], [5]]);
});

test('a full lane takes no more', async () => {
  const { lane, batches } = gatedLane({ queueSize: 2 });
  void lane.submit(1);
  await turn();
  expect([lane.submit(2), lane.submit(3), lane.submit(4)].map(Boolean)).toEqual([true, true, false]);
  batches[0]?.end();
  await turn();
  expect(lane.submit(5)).toBeDefined();
});

test('an item is settled before its batch has ended', async () => {
  const lane = createLane<number, number>({
    batchSize: 100,
    queueSize: 100,
    concurrency: 1,
    work: (_, settle) => {
      settle(1, 11);
      return new Promise(() => {});
    },
  });
  void lane.submit(0);
  expect(await lane.submit(1)).toBe(11);
});

test('it tells how many wait', async () => {
  const { lane, batches } = gatedLane({ batchSize: 1 });
  const all = [lane.submit(1), lane.submit(2), lane.submit(3)];
  await turn();
  expect(lane.waiting()).toBe(2);
  for (let batch = 0; batch < 3; batch++) {
    batches[batch]?.end();
    await all[batch];
    await turn();
  }
  expect(lane.waiting()).toBe(0);
});
