// Stock in two databases: a database is added to a platform that works, replica by replica; then orders that want something
// of both are placed in every mode, and each is all done or all undone.
import { hash, randomUUID } from 'node:crypto';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openApi } from './api.ts';
import { judge } from './check/judge.ts';
import type { Event } from './start/events.ts';
import { type Platform, startPlatform } from './start/platform.ts';
import { directWiring } from './start/wiring.ts';
import { timeout_ms } from './testing.ts';

// Below the ports that the system gives to outgoing connections, and not those of openScratch.
const port = 10_000 + 10 * (process.pid % 900);
const url = `http://127.0.0.1:${port}`;
const api = openApi(url);
const modes = ['SAGA', 'TCC', 'TWO_PHASE'] as const;
const price = { amount: '100', currency: 'EUR' };

/** The inventory's replicas that know of the second database. */
const informed = new Set<string>();
const events: Event[] = [];
let platform: Platform;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  platform = await startPlatform({
    port,
    replicas: 2,
    shards: { inventory: 2 },
    logLevel: 'fatal',
    emit: (event) => events.push(event),
    wire: (directory) => ({
      ...directWiring(directory),
      async databases(replica, { INVENTORY_DATABASE_URLS: all, ...variables }) {
        return all && informed.has(replica) ? { ...variables, INVENTORY_DATABASE_URLS: all } : variables;
      },
    }),
  });
  expect(await platform.open()).toBe(true);
}, timeout_ms);
afterAll(async () => {
  for (const close of closing) await close();
  await platform?.stop();
}, timeout_ms);

/** A SKU that goes to a shard, when there are two. */
function skuFor(shard: number): string {
  const isThere = (sku: string) => Number.parseInt(hash('sha256', sku).slice(0, 8), 16) % 2 === shard;
  for (;;) {
    const sku = `sku-${randomUUID()}`;
    if (isThere(sku)) return sku;
  }
}

async function sell(shard: number, quantity: number): Promise<string> {
  const sku = skuFor(shard);
  await api.createProduct({ sku, name: sku, price });
  await api.restockProduct(sku, quantity, sku);
  return sku;
}

async function fund(cents: number): Promise<string> {
  const account = `account-${randomUUID()}`;
  await api.createAccount(account, 'EUR');
  await api.depositMoney(account, { amount: String(cents), currency: 'EUR' }, account);
  return account;
}

const place = (mode: string, accountId: string, wanted: Record<string, number>) =>
  api.placeOrder(
    { mode, accountId, lines: Object.entries(wanted).map(([sku, quantity]) => ({ sku, quantity })) },
    randomUUID(),
  );

const get = async (path: string) => (await (await fetch(`${url}/v1/${path}`)).json()) as never;

/** Where a product is, and how many are available, reserved and sold. */
async function stock(sku: string): Promise<[shard: number, ...counts: string[]]> {
  const { shard, available, reserved, sold } = await get(`products/${sku}`);
  return [shard, available, reserved, sold];
}

async function balance(account: string): Promise<string> {
  const { balance, held } = (await get(`accounts/${account}`)) as { balance: { amount: string }; held: typeof price };
  return `${balance.amount}, ${held.amount} held`;
}

/** Ends a replica as a rolling restart does, and waits for the next. */
async function restart(replica: string): Promise<void> {
  const serving = () => events.findLast((event) => event.type === 'serving' && event.replica === replica);
  const { pid } = serving() as { pid: number };
  process.kill(pid, 'SIGTERM');
  await eventually(() => expect(serving()).not.toMatchObject({ pid }), timeout_ms);
}

test(
  'while a database is added, orders go on, and new products use it',
  async () => {
    const [early, earlier] = [await sell(1, 100), await sell(0, 100)];
    expect(await stock(early)).toEqual([0, '100', '0', '0']);
    let isOver = false;
    // Each with a product and an account of its own: none can be refused because of another.
    const customers = modes.map(async (mode) => {
      const [account, sku] = [await fund(1_000_000), await sell(1, 1_000)];
      const statuses: string[] = [];
      while (!isOver) statuses.push((await place(mode, account, { [sku]: 1 })).status);
      const { length } = statuses;
      expect(new Set(statuses)).toEqual(new Set(['CONFIRMED']));
      expect(await stock(sku)).toEqual([expect.any(Number), String(1_000 - length), '0', String(length)]);
      expect(await balance(account)).toBe(`${1_000_000 - 100 * length}, 0 held`);
    });

    const end = async () => {
      isOver = true;
      await Promise.allSettled(customers);
    };
    closing.push(end);

    informed.add('inventory-1');
    await restart('inventory-1');
    // One replica knows of both databases, the other doesn't.
    const added = await eventually(async () => {
      const sku = await sell(1, 100);
      // Made by the one that does, when callers know that it is back.
      expect(await stock(sku)).toEqual([1, '100', '0', '0']);
      return sku;
    }, timeout_ms);
    const account = await fund(1_000);
    for (const mode of modes) {
      // Who asks the wrong one too often in a row is told TIMED_OUT, and may ask again.
      await eventually(async () => {
        const { status, rejection } = await place(mode, account, { [added]: 1, [early]: 1, [earlier]: 1 });
        expect([mode, status, rejection]).toEqual([mode, 'CONFIRMED', undefined]);
      }, timeout_ms);
    }
    informed.add('inventory-2');
    await restart('inventory-2');

    await end();
    await Promise.all(customers);
    expect(await Promise.all([early, earlier, added].map(stock))).toEqual([
      [0, '97', '0', '3'],
      [0, '97', '0', '3'],
      [1, '97', '0', '3'],
    ]);
    expect(await balance(account)).toBe('100, 0 held');
  },
  2 * timeout_ms,
);

test.each(modes)('as %s, an order that wants something of both databases gets all of it or nothing', async (mode) => {
  const [zero, one] = await Promise.all([sell(0, 5), sell(1, 5)]);
  const account = await fund(1_000);
  const order = await place(mode, account, { [one]: 2, [zero]: 3 });
  expect(order).toMatchObject({ status: 'CONFIRMED', total: { amount: '500' } });
  const bought = [
    [0, '2', '0', '3'],
    [1, '3', '0', '2'],
  ];
  const state = async () => ({ stock: await Promise.all([zero, one].map(stock)), balance: await balance(account) });
  expect(await state()).toEqual({ stock: bought, balance: '500, 0 held' });

  // One of the databases says no, or the payment does, and what the others have done is undone.
  for (const [wanted, code] of [
    [{ [zero]: 1, [one]: 4 }, 'OUT_OF_STOCK'],
    [{ [zero]: 3, [one]: 1 }, 'OUT_OF_STOCK'],
  ] as const) {
    expect(await place(mode, account, wanted)).toMatchObject({ status: 'REJECTED', rejection: { code } });
    expect(await state()).toEqual({ stock: bought, balance: '500, 0 held' });
  }
  const poor = await fund(150);
  expect(await place(mode, poor, { [zero]: 1, [one]: 1 })).toMatchObject({
    status: 'REJECTED',
    rejection: { code: 'INSUFFICIENT_FUNDS' },
  });
  expect(await state()).toEqual({ stock: bought, balance: '500, 0 held' });
  expect(await balance(poor)).toBe('150, 0 held');

  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  const cancelled = await fetch(`${url}/v1/orders/${order.orderId}:cancel`, json);
  expect(await cancelled.json()).toMatchObject({ status: 'CANCELLED' });
  const returned = [zero, one].map((_, shard) => [shard, '5', '0', '0']);
  expect(await state()).toEqual({ stock: returned, balance: '1000, 0 held' });
});

test('all invariants hold over both databases', async () => {
  const { counts, violations } = await judge({ history: [], sources: platform.run.record.databases, settled_s: 1 });
  expect(counts.orders).toBeGreaterThan(15);
  expect(violations).toEqual([]);
});
