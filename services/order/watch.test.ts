import { createLogger } from '@assent/telemetry';
import { expect, test } from '@jest/globals';
import type { Order, Status } from './order.ts';
import { createWatcher } from './watch.ts';

const log = createLogger({ service: 'test', level: 'silent' });
let time = 0;
const order = (orderId: string, status: Status): Order => ({
  orderId,
  accountId: 'ann',
  mode: 'SAGA',
  lines: [],
  total: { amount: 0n, currency: 'EUR' },
  status,
  cancellations: 0,
  createdAt: new Date(0),
  updatedAt: new Date(time++),
});

/** Watches a table of orders. */
function watching(limit = 10) {
  const table = new Map<string, Order>();
  const world = { polls: 0, fails: 0 };
  const watcher = createWatcher({
    every_ms: 5,
    limit,
    log,
    async changed(seen) {
      world.polls++;
      if (world.fails-- > 0) throw new Error('no');
      return seen.flatMap((known) => {
        const found = table.get(known.orderId);
        return found && found.status !== known.status ? [found] : [];
      });
    },
  });
  return { table, world, watcher };
}

async function statuses(orders: AsyncIterable<Order>, seen: Status[] = []): Promise<Status[]> {
  for await (const { status } of orders) seen.push(status);
  return seen;
}

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('tells every change until the last', async () => {
  const { table, world, watcher } = watching();
  world.fails = 1;
  const { signal } = new AbortController();
  const seen: Status[] = [];
  const all = [
    statuses(watcher.watch(order('a', 'PENDING'), signal), seen),
    statuses(watcher.watch(order('a', 'PENDING'), signal)),
  ];
  for (const status of ['CONFIRMED', 'CANCELLING', 'CANCELLED'] as const) {
    table.set('a', order('a', status));
    while (status !== 'CANCELLED' && seen.at(-1) !== status) await after(1);
  }
  const expected = ['PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED'];
  expect(await Promise.all(all)).toEqual([expected, expected]);
  const { polls } = world;
  await after(30);
  expect(world.polls).toBeLessThanOrEqual(polls + 1);
});

test('a final order is told once', async () => {
  const { world, watcher } = watching();
  expect(await statuses(watcher.watch(order('a', 'REJECTED'), new AbortController().signal))).toEqual(['REJECTED']);
  await after(20);
  expect(world.polls).toBe(0);
});

test('ends when the caller goes', async () => {
  const { watcher } = watching();
  expect(await statuses(watcher.watch(order('a', 'CONFIRMED'), AbortSignal.timeout(20)))).toEqual(['CONFIRMED']);
});

test('sends watchers elsewhere when it closes', async () => {
  const { watcher } = watching();
  const seen = statuses(watcher.watch(order('a', 'CONFIRMED'), new AbortController().signal));
  await after(1);
  watcher.close();
  await expect(seen).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('has room for so many', async () => {
  const { watcher } = watching(1);
  const leaving = new AbortController();
  const first = statuses(watcher.watch(order('a', 'CONFIRMED'), leaving.signal));
  await after(1);
  const second = () => statuses(watcher.watch(order('b', 'REJECTED'), leaving.signal));
  await expect(second()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'TOO_MANY_WATCHERS' });
  leaving.abort();
  await first;
  expect(await second()).toEqual(['REJECTED']);
});
