import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { OrderService } from '@assent/protos';
import type { OrderServiceHandlers } from '@assent/protos/order/v1/OrderService.ts';
import { type Client, connect, implement, RpcError, type RpcServer, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { eventually, openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCatalogue } from './catalogue.ts';
import { createOrders } from './orders.ts';
import { orderService } from './rpc.ts';
import { getChanged } from './store.ts';
import { createWorld, type World } from './testing/world.ts';
import { createWatcher, type Watcher } from './watch.ts';

let database: Database;
let world: World;
let watcher: Watcher;
let server: RpcServer;
let order: Client<OrderServiceHandlers>;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'order', directory: join(import.meta.dirname, 'migrations') }]);
});
afterAll(() => database?.close());

beforeEach(async () => {
  await database.query('TRUNCATE orders');
  order?.close();
  server?.close();
  const log = createLogger({ service: 'test', level: 'silent' });
  world = createWorld(database);
  const catalogue = createCatalogue({ ...world, priceTtl_ms: 60_000, accountTtl_ms: 60_000, size: 100 });
  const orders = createOrders({ database, catalogue, coordinator: world.coordinator, timeout_ms: 1000 });
  watcher = createWatcher({ changed: (seen) => getChanged(database, seen), every_ms: 10, limit: 2, log });
  const services = [implement(OrderService, orderService(database, orders, watcher))];
  server = await serve({ host: '127.0.0.1', port: 0, services, log });
  order = connect(OrderService, { target: `127.0.0.1:${server.port}` });
});
afterAll(() => {
  order?.close();
  server?.close();
});

const request = {
  accountId: 'ann',
  mode: 'TCC' as const,
  lines: [{ sku: 'tea', quantity: 2 }],
  idempotencyKey: 'monday',
};

async function place(change: object = {}) {
  return (await order.placeOrder({ ...request, ...change })).order!;
}

const stillPending = { code: 'ABORTED', reason: 'ORDER_PENDING', retryDelay_ms: 1000 };

async function count(): Promise<number> {
  return (await database.query('SELECT FROM orders')).rowCount;
}

type Bad = [field: string, call: () => Promise<unknown>];
const nastyIds = ["'; DROP TABLE orders; --", '"', 'a\0b', '\ud800', 'é', 'x'.repeat(65), 'x'.repeat(10_240)];
const lines = (...quantities: number[]) => ({
  lines: quantities.map((quantity, i) => ({ sku: `sku-${i}`, quantity })),
});

describe('a bad request names the field, and runs nothing', () => {
  test.each<Bad>([
    ...['', ...nastyIds].flatMap((id): Bad[] => [
      ['accountId', () => place({ accountId: id })],
      ['lines[1].sku', () => place({ lines: [...request.lines, { sku: id, quantity: 1 }] })],
      ['orderId', () => order.getOrder({ orderId: id })],
      ['orderId', () => order.cancelOrder({ orderId: id })],
    ]),
    ...nastyIds.map((accountId): Bad => ['accountId', () => order.listOrders({ accountId })]),
    ['accountId', () => place({ accountId: 'eve' })],
    ['accountId', () => place({ accountId: '__proto__' })],
    ['accountId', () => place({ accountId: 'joe' })],
    ['lines[0].sku', () => place({ lines: [{ sku: 'rum', quantity: 1 }] })],
    ['lines[0].sku', () => place({ lines: [{ sku: 'constructor', quantity: 1 }] })],
    ['lines[1].sku', () => place({ lines: [...request.lines, ...request.lines] })],
    ['lines[1].sku', () => place({ lines: [...request.lines, { sku: 'bagel', quantity: 1 }] })],
    ...[0, -1, 1_000_001, 2 ** 31 - 1, -(2 ** 31)].map(
      (quantity): Bad => ['lines[0].quantity', () => place({ lines: [{ sku: 'tea', quantity }] })],
    ),
    ['lines[0].quantity', () => place({ lines: [{ sku: 'yacht', quantity: 3 }] })],
    ['lines', () => place({ lines: [] })],
    ['lines', () => place(lines(...Array.from({ length: 101 }, () => 1)))],
    ['lines', () => place(lines(...Array.from({ length: 10_000 }, () => 0)))],
    ...[undefined, 0, 99].map((mode): Bad => ['mode', () => place({ mode })]),
    ...['', 'a\0b', '\ud800', 'x'.repeat(201), 'x'.repeat(10_240)].map(
      (idempotencyKey): Bad => ['idempotencyKey', () => place({ idempotencyKey })],
    ),
    ['pageSize', () => order.listOrders({ pageSize: 1001 })],
    ...['x', '\0', 'x'.repeat(10_240)].map((pageToken): Bad => ['pageToken', () => order.listOrders({ pageToken })]),
  ])('%s', async (field, call) => {
    const error = await call().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field, description: expect.any(String) }] });
    expect((error as RpcError).message.length).toBeLessThan(300);
    expect([world.runs, await count()]).toEqual([0, 0]);
  });

  test('or many fields', async () => {
    await expect(place({ accountId: '', mode: 0, ...lines(1, 0), idempotencyKey: '' })).rejects.toMatchObject({
      violations: ['accountId', 'mode', 'lines[1].quantity', 'idempotencyKey'].map((field) => ({ field })),
    });
  });

  test('or nothing that there is', async () => {
    for (const call of [order.getOrder, order.cancelOrder]) {
      await expect(call({ orderId: randomUUID() })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        reason: 'ORDER_NOT_FOUND',
      });
    }
    await expect(order.watchOrder({ orderId: randomUUID() })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('placing', () => {
  test.each(['SAGA', 'TCC', 'TWO_PHASE'] as const)('an order as %s confirms it', async (mode) => {
    const placed = await place({
      mode,
      lines: [
        { sku: 'tea', quantity: 2 },
        { sku: 'cup', quantity: 1 },
      ],
    });
    expect(placed).toEqual({
      orderId: expect.any(String),
      accountId: 'ann',
      lines: [
        { sku: 'tea', quantity: 2, unitPrice: { amount: '250', currency: 'EUR' } },
        { sku: 'cup', quantity: 1, unitPrice: { amount: '1999', currency: 'EUR' } },
      ],
      mode,
      status: 'CONFIRMED',
      rejection: null,
      total: { amount: '2499', currency: 'EUR' },
      createTime: expect.anything(),
      updateTime: expect.anything(),
    });
    expect((await order.getOrder({ orderId: placed.orderId })).order).toEqual(placed);
  });

  test('what the shop refuses rejects it with the reason', async () => {
    world.refuse = { code: 'OUT_OF_STOCK', message: '2 of tea wanted, 1 available' };
    const placed = await place();
    expect(placed).toMatchObject({ status: 'REJECTED', rejection: world.refuse });
    expect((await order.getOrder({ orderId: placed.orderId })).order).toEqual(placed);
  });

  test('the same with one key is one order, also at the same time and when prices have changed', async () => {
    const [a, b] = await Promise.all([place(), place()]);
    world.prices.set('tea', { amount: '999', currency: 'EUR' });
    world.refuse = { code: 'OUT_OF_STOCK', message: 'now' };
    expect([b, await place()]).toEqual([a, a]);
    expect([world.runs, await count()]).toEqual([1, 1]);
  });

  test.each([
    ['lines', { lines: [{ sku: 'tea', quantity: 3 }] }],
    ['mode', { mode: 'SAGA' }],
  ])('another request with the key is refused: %s', async (_, change) => {
    await place();
    await expect(place(change)).rejects.toMatchObject({ code: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect([world.runs, await count()]).toEqual([1, 1]);
  });

  test('another account may use the same key', async () => {
    expect((await place()).orderId).not.toBe((await place({ accountId: 'bob' })).orderId);
  });

  test('an order whose transaction never got to write it is rejected for good', async () => {
    world.refuse = { code: 'TIMED_OUT', message: 'the deadline has passed' };
    world.written = false;
    const placed = await place();
    expect(placed).toMatchObject({ status: 'REJECTED', rejection: world.refuse, total: { amount: '500' } });
    world.refuse = undefined;
    expect(await place()).toEqual(placed);
    expect((await order.getOrder({ orderId: placed.orderId })).order).toEqual(placed);
  });

  test('a price that has changed is looked up again', async () => {
    await place();
    world.prices.set('tea', { amount: '300', currency: 'EUR' });
    world.refuse = { code: 'PRICE_CHANGED', message: 'the price of tea has changed' };
    expect((await place({ idempotencyKey: 'a' })).total?.amount).toBe('500');
    world.refuse = undefined;
    expect((await place({ idempotencyKey: 'b' })).total?.amount).toBe('600');
  });

  test('asks for what it does not know once, and for all products together', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((idempotencyKey) =>
        place({
          idempotencyKey,
          lines: [
            { sku: 'tea', quantity: 1 },
            { sku: 'cup', quantity: 1 },
          ],
        }),
      ),
    );
    expect(world.lookUps).toEqual([['ann'], ['tea', 'cup']]);
  });

  test('tells when it cannot be known yet', async () => {
    world.stuck = 'RUNNING';
    await expect(order.placeOrder(request, { timeout_ms: 300 })).rejects.toMatchObject({
      code: expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/),
    });
  });
});

/** A branch keeps failing, and its transaction waits for a person: it is decided all the same. */
describe('a transaction that is decided but not applied', () => {
  const cause = { code: 'OUT_OF_STOCK', message: 'none' };
  const unread = { ...request, total: { amount: '0', currency: 'EUR' }, lines: [] };
  const create = { action: 'create', payload: JSON.stringify(unread) };

  test.each([
    ['COMMITTING', 'CONFIRMED', null],
    ['ABORTING', 'REJECTED', cause],
  ] as const)(
    'as %s has placed an order that is answered as %s, and kept from others until it is',
    async (state, status, rejection) => {
      Object.assign(world, { stuck: state, refuse: rejection ?? undefined });
      const placed = await place();
      expect(placed).toMatchObject({ status, rejection });
      expect(await place()).toEqual(placed);
      expect((await order.getOrder({ orderId: placed.orderId })).order?.status).toBe('PENDING');
      await expect(order.cancelOrder({ orderId: placed.orderId })).rejects.toMatchObject(stillPending);
      world.stuck = undefined;
      if (state === 'COMMITTING') await world.perform(placed.orderId, 'DELIVER', { action: 'confirm', payload: '{}' });
      else await world.perform(placed.orderId, 'COMPENSATE', create);
      expect((await order.getOrder({ orderId: placed.orderId })).order).toMatchObject({ status, rejection });
    },
  );

  test('is no answer before the order has been written', async () => {
    Object.assign(world, { stuck: 'ABORTING', refuse: cause, written: false });
    await expect(order.placeOrder(request, { timeout_ms: 300 })).rejects.toBeInstanceOf(RpcError);
    expect(await count()).toBe(0);
  });

  test('as COMMITTING leaves a cancelled order CANCELLING', async () => {
    const { orderId } = await place();
    world.stuck = 'COMMITTING';
    expect((await order.cancelOrder({ orderId })).order?.status).toBe('CANCELLING');
    expect((await order.cancelOrder({ orderId })).order?.status).toBe('CANCELLING');
    expect(world.runs).toBe(2);
  });

  test('as ABORTING does not begin another cancellation', async () => {
    const { orderId } = await place();
    Object.assign(world, { stuck: 'ABORTING', refuse: cause });
    for (let i = 0; i < 2; i++) {
      await expect(order.cancelOrder({ orderId }, { timeout_ms: 1_000 })).rejects.toBeInstanceOf(RpcError);
    }
    expect(world.runs).toBe(2);
  });
});

describe('cancelling', () => {
  test('a confirmed order, once', async () => {
    const { orderId } = await place();
    const cancel = async () => (await order.cancelOrder({ orderId })).order;
    const [a, b] = await Promise.all([cancel(), cancel()]);
    expect(a).toMatchObject({ orderId, status: 'CANCELLED' });
    expect([b, await cancel(), (await order.getOrder({ orderId })).order]).toEqual([a, a, a]);
    expect(world.runs).toBe(2);
  });

  test('an order that is still being placed is to be tried again', async () => {
    world.stuck = 'RUNNING';
    const caller = new AbortController();
    const placing = expect(order.placeOrder(request, { signal: caller.signal })).rejects.toBeInstanceOf(RpcError);
    const placed = await eventually(async () => (await order.listOrders({})).orders[0]!.orderId);
    await expect(order.cancelOrder({ orderId: placed })).rejects.toMatchObject(stillPending);
    caller.abort();
    await placing;
  });

  test('a rejected order is refused', async () => {
    world.refuse = { code: 'OUT_OF_STOCK', message: 'none' };
    const { orderId } = await place();
    await expect(order.cancelOrder({ orderId })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'ORDER_NOT_CONFIRMED',
    });
  });

  test('can be tried again after an attempt that came to nothing', async () => {
    const { orderId } = await place();
    world.refuse = { code: 'TIMED_OUT', message: 'the deadline has passed' };
    await expect(order.cancelOrder({ orderId })).rejects.toMatchObject({ code: 'ABORTED', reason: 'TIMED_OUT' });
    expect((await order.getOrder({ orderId })).order?.status).toBe('CONFIRMED');
    world.refuse = undefined;
    expect((await order.cancelOrder({ orderId })).order?.status).toBe('CANCELLED');
  });
});

test('orders are listed page by page, an account’s alone', async () => {
  const ids: string[] = [];
  for (const idempotencyKey of ['a', 'b', 'c']) ids.push((await place({ idempotencyKey })).orderId);
  await place({ accountId: 'bob' });
  const first = await order.listOrders({ accountId: 'ann', pageSize: 2 });
  const second = await order.listOrders({ accountId: 'ann', pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.orders, ...second.orders].map(({ orderId }) => orderId)).toEqual(ids.sort().reverse());
  expect(second.nextPageToken).toBe('');
  await expect(order.listOrders({ accountId: 'bob', pageToken: first.nextPageToken })).rejects.toMatchObject({
    violations: [{ field: 'pageToken' }],
  });
  expect((await order.listOrders({})).orders).toHaveLength(4);
});

describe('watching', () => {
  test('tells every status until the last', async () => {
    const { orderId } = await place();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const changed of order.watchOrder({ orderId })) seen.push(changed.order!.status);
    })();
    await eventually(() => expect(seen).toEqual(['CONFIRMED']));
    await order.cancelOrder({ orderId });
    await watching;
    expect(seen.at(-1)).toBe('CANCELLED');
  });

  test('ends with the caller, and makes room', async () => {
    const { orderId } = await place();
    const streams = [1, 2].map(() => order.watchOrder({ orderId })[Symbol.asyncIterator]());
    await Promise.all(streams.map((stream) => stream.next()));
    const third = () => order.watchOrder({ orderId })[Symbol.asyncIterator]();
    await expect(
      order.watchOrder({ orderId }, { timeout_ms: 100 })[Symbol.asyncIterator]().next(),
    ).rejects.toBeInstanceOf(RpcError);
    await streams[0]?.return?.();
    await eventually(async () => expect((await third().next()).value.order.status).toBe('CONFIRMED'));
  });

  test('is sent elsewhere by a replica that goes away', async () => {
    const { orderId } = await place();
    const stream = order.watchOrder({ orderId })[Symbol.asyncIterator]();
    await stream.next();
    watcher.close();
    await expect(stream.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
