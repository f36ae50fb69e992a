import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { asTheyCome } from './arrivals.ts';
import { createCollector } from './collector.ts';

/** A collector whose other side speaks and ends when the test says so. */
function gatedCollector(options: { batchSize?: number; batches?: number } = {}) {
  const sent: { readonly items: readonly number[]; readonly heard: () => void; readonly end: () => void }[] = [];
  const add = createCollector<number>({
    batchSize: 100,
    batches: 100,
    ...options,
    send(items, heard) {
      const { promise, resolve } = Promise.withResolvers<void>();
      sent.push({ items, heard, end: resolve });
      return promise;
    },
  });
  return { add, sent, items: () => sent.map((batch) => batch.items) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what comes while nothing is heard of a batch makes up the next one', async () => {
  const { add, sent, items } = gatedCollector();
  add(1);
  add(2);
  await turn();
  add(3);
  await turn();
  add(4);
  await turn();
  expect(items()).toEqual([[1, 2]]);
  sent[0]?.heard();
  await turn();
  expect(items()).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a batch that stays silent holds the next one up for a moment only', async () => {
  const { add, items } = gatedCollector();
  add(1);
  await turn();
  add(2);
  await sleep(100);
  expect(items()).toEqual([[1], [2]]);
});

test('batches have a size, and so many are under way', async () => {
  const { add, sent, items } = gatedCollector({ batchSize: 2, batches: 2 });
  for (let item = 1; item <= 5; item++) add(item);
  await turn();
  sent[0]?.heard();
  await turn();
  sent[1]?.heard();
  await turn();
  expect(items()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  sent[1]?.end();
  await turn();
  await turn();
  expect(items()).toEqual([[1, 2], [3, 4], [5]]);
});

test('values come as they are there, those that are there together at once', async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<string>());
  const arrivals = asTheyCome(gates.map(({ promise }) => promise));
  gates[2]?.resolve('c');
  expect((await arrivals.next()).value).toEqual([{ index: 2, value: 'c' }]);
  gates[1]?.resolve('b');
  gates[0]?.resolve('a');
  expect((await arrivals.next()).value).toEqual([
    { index: 1, value: 'b' },
    { index: 0, value: 'a' },
  ]);
  expect((await arrivals.next()).done).toBe(true);
});
