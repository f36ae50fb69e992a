import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { openTestDatabase } from '@assent/testing';
import type { HandledOperation, Json, Outcome } from '@assent/transactions/participant';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actions } from './actions.ts';
import { countCancellation, getChanged, getOrders, insertOrders, listOrders } from './store.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'order', directory: join(import.meta.dirname, 'migrations') }]);
});
afterAll(() => database?.close());

const eur = (amount: string) => ({ amount, currency: 'EUR' });
const payload = {
  accountId: 'ann',
  mode: 'TCC',
  lines: [{ sku: 'tea', quantity: 2, unitPrice: eur('250'), shard: 1 }],
  total: eur('500'),
};

interface Call {
  readonly transactionId: string;
  readonly payload: Json;
  readonly cause?: { readonly code: string; readonly message: string };
}

/** One batch, as the participant library would do it. */
function perform(name: string, operation: HandledOperation, ...calls: Call[]): Promise<readonly Outcome[]> {
  const action = actions.find((one) => one.name === name)!;
  return database.transaction((sql) =>
    action.handlers[operation]!(
      sql,
      calls.map(({ payload, ...call }) => ({ ...call, branch: 0, inputs: {}, payload: action.parse(payload) })),
    ),
  );
}

const creations = (count: number): Call[] =>
  Array.from({ length: count }, () => ({ transactionId: randomUUID(), payload }));
const idOf = ({ transactionId }: Call) => transactionId;
const cancelling = (call: Call): Call => ({ transactionId: randomUUID(), payload: { orderId: call.transactionId } });
const done = { type: 'done' };

async function statuses(calls: readonly Call[]): Promise<(string | undefined)[]> {
  const orders = await getOrders(database, calls.map(idOf));
  return calls.map(({ transactionId }) => orders.get(transactionId)?.status);
}

test('an order is created, then confirmed', async () => {
  const calls = creations(3);
  expect(await perform('create', 'ACTION', ...calls)).toEqual([done, done, done]);
  expect(await statuses(calls)).toEqual(['PENDING', 'PENDING', 'PENDING']);
  expect(await perform('confirm', 'DELIVER', ...calls.slice(1))).toEqual([done, done]);
  expect(await statuses(calls)).toEqual(['PENDING', 'CONFIRMED', 'CONFIRMED']);
  expect((await getOrders(database, [idOf(calls[1]!)])).get(idOf(calls[1]!))).toEqual({
    orderId: idOf(calls[1]!),
    accountId: 'ann',
    mode: 'TCC',
    status: 'CONFIRMED',
    lines: [{ sku: 'tea', quantity: 2, unitPrice: { amount: 250n, currency: 'EUR' }, shard: 1 }],
    total: { amount: 500n, currency: 'EUR' },
    cancellations: 0,
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  });
});

test('an order that cannot be fulfilled is rejected with the cause, each its own', async () => {
  const [a, b] = creations(2) as [Call, Call];
  await perform('create', 'ACTION', a, b);
  const cause = { code: 'OUT_OF_STOCK', message: '2 of tea wanted, 1 available' };
  expect(await perform('create', 'COMPENSATE', { ...a, cause }, b)).toEqual([done, done]);
  const orders = await getOrders(database, [a, b].map(idOf));
  expect(orders.get(idOf(a))).toMatchObject({ status: 'REJECTED', rejection: cause });
  expect(orders.get(idOf(b))).toMatchObject({ status: 'REJECTED', rejection: { code: 'ABORTED' } });
});

test('only a confirmed order is cancelled, and once', async () => {
  const [pending, confirmed, undone] = creations(3) as [Call, Call, Call];
  await perform('create', 'ACTION', pending, confirmed, undone);
  await perform('confirm', 'DELIVER', confirmed, undone);
  const unknown = { transactionId: randomUUID(), payload: { orderId: randomUUID() } };
  const no = { type: 'rejected', code: 'ORDER_NOT_CONFIRMED', message: 'only a confirmed order can be cancelled' };
  const begins = [pending, confirmed, undone].map(cancelling);
  expect(await perform('begin-cancel', 'ACTION', ...begins, unknown)).toEqual([no, done, done, no]);
  expect(await perform('begin-cancel', 'ACTION', cancelling(confirmed))).toEqual([no]);
  expect(await perform('begin-cancel', 'COMPENSATE', cancelling(undone))).toEqual([done]);
  expect(await perform('begin-cancel', 'ACTION', cancelling(undone), cancelling(undone))).toEqual([done, no]);
  expect(await perform('begin-cancel', 'COMPENSATE', cancelling(undone))).toEqual([done]);
  expect(await perform('finish-cancel', 'DELIVER', cancelling(confirmed))).toEqual([done]);
  expect(await statuses([pending, confirmed, undone])).toEqual(['PENDING', 'CANCELLED', 'CONFIRMED']);
});

test('what cannot be is an error, and changes nothing', async () => {
  const calls = creations(2);
  await perform('create', 'ACTION', calls[0]!);
  await expect(perform('confirm', 'DELIVER', ...calls)).rejects.toThrow('1 of 2 orders were PENDING');
  await expect(perform('create', 'COMPENSATE', ...calls)).rejects.toThrow('1 of 2 orders were PENDING');
  expect(await statuses(calls)).toEqual(['PENDING', undefined]);
});

test('an order that was never created can be written down as rejected, once', async () => {
  const orderId = randomUUID();
  const order = { orderId, accountId: 'ann', mode: 'SAGA', lines: [], total: { amount: 1n, currency: 'EUR' } } as const;
  await insertOrders(database, [{ ...order, rejection: { code: 'TIMED_OUT', message: 'first' } }]);
  await insertOrders(database, [{ ...order, rejection: { code: 'TIMED_OUT', message: 'second' } }]);
  expect((await getOrders(database, [orderId])).get(orderId)?.rejection?.message).toBe('first');
});

test('attempts to cancel are counted once', async () => {
  const [call] = creations(1) as [Call];
  await perform('create', 'ACTION', call);
  const find = async () => (await getOrders(database, [idOf(call)])).get(idOf(call))!;
  const order = await find();
  await Promise.all([countCancellation(database, order), countCancellation(database, order)]);
  expect((await find()).cancellations).toBe(1);
});

test('watched orders come back when their status is another', async () => {
  const calls = creations(2);
  await perform('create', 'ACTION', ...calls);
  const seen = [...(await getOrders(database, calls.map(idOf))).values()];
  expect(await getChanged(database, seen)).toEqual([]);
  await perform('confirm', 'DELIVER', calls[1]!);
  expect((await getChanged(database, seen)).map(({ orderId, status }) => [orderId, status])).toEqual([
    [idOf(calls[1]!), 'CONFIRMED'],
  ]);
});

test('orders are listed newest first, an account’s alone', async () => {
  const page = (after?: string) => ({ size: 2, after, list: '' });
  const ids = Array.from({ length: 5 }, (_, i) => `ffffffff-0000-7000-8000-00000000000${i}`);
  const order = { mode: 'SAGA', lines: [], total: { amount: 1n, currency: 'EUR' } } as const;
  await insertOrders(
    database,
    ids.map((orderId, i) => ({ ...order, orderId, accountId: i % 2 ? 'odd' : 'even' })),
  );
  const listed = async (accountId: string | undefined, after?: string) =>
    (await listOrders(database, accountId, page(after))).map(({ orderId }) => ids.indexOf(orderId));
  expect(await listed(undefined)).toEqual([4, 3, 2]);
  expect(await listed(undefined, ids[3])).toEqual([2, 1, 0]);
  expect(await listed('even', ids[4])).toEqual([2, 0]);
  expect(await listed('odd')).toEqual([3, 1]);
  expect(await listed('eve')).toEqual([]);
});
