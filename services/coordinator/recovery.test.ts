// Who drives what: takeovers, records of newer versions, and transactions that are not where they should be.
import type { Database, Sql } from '@assent/postgres';
import { eventually, overlap } from '@assent/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { newTransactionId } from './shard.ts';
import { recordVersion } from './store/index.ts';
import * as leases from './store/leases.ts';
import { createWorld, type Participant, request, type World } from './testing/world.ts';

const patience_ms = 30_000;
let world: World;
let shop: Participant;
beforeAll(async () => {
  world = await createWorld(['shop']);
  shop = world.participant('shop');
});
afterEach(() => world.reset());
afterAll(() => world.close());

/** Begins transactions whose first phases wait until the gate is open; their ids. */
async function hold(client: Awaited<ReturnType<World['start']>>['client'], count: number) {
  const gate = Promise.withResolvers<{ done: object }>();
  shop.reply = ({ operation }) => (operation === 'TRY' ? gate.promise : { done: {} });
  const runs = Array.from({ length: count }, () =>
    client.runTransaction(request('shop', ['RESERVED'], { timeout: { seconds: 60 } })).catch(() => undefined),
  );
  await eventually(async () => {
    expect((await client.listTransactions({ state: 'RUNNING', pageSize: 1000 })).transactions).toHaveLength(count);
  }, patience_ms);
  const { transactions } = await client.listTransactions({ state: 'RUNNING', pageSize: 1000 });
  return { ids: transactions.map(({ transactionId }) => transactionId), open: () => gate.resolve({ done: {} }), runs };
}

const untilEnded = (ids: readonly string[]) =>
  eventually(async () => {
    const found = await world.store.byIds(ids);
    expect(found.filter(({ endedAt }) => !endedAt)).toEqual([]);
  }, patience_ms);

test('a record of a newer version is left alone, shown as far as it can be, and keeps nobody else', async () => {
  const one = await world.start({ lease_ms: 60_000 });
  const two = await world.start({ lease_ms: 2_000 });
  const { ids, open } = await hold(one.client, 3);
  const [newer, ...others] = ids as [string, ...string[]];
  await world.database.query(
    `UPDATE transactions SET version = $2, branches = '[{"name":"x","kind":"QUANTUM","after":[]}]' WHERE transaction_id = $1`,
    [newer, recordVersion + 1],
  );
  const epoch = one.coordinator.incarnation()?.epoch as bigint;
  await world.store.fence(epoch);
  open();
  await untilEnded(others);
  const [left] = await world.store.byIds([newer]);
  expect(left).toMatchObject({ owner: epoch, state: 'RUNNING', version: recordVersion + 1 });
  const { transaction } = await two.client.getTransaction({ transactionId: newer });
  expect(transaction).toMatchObject({ state: 'RUNNING', branches: [{ name: 'x', kind: 'KIND_UNSPECIFIED' }] });
  const { decisions } = await two.client.getDecisions({ transactionIds: [newer], epochs: [String(epoch)] });
  expect(decisions).toEqual(['UNDECIDED']);
  await world.database.query('DELETE FROM transactions WHERE transaction_id = $1', [newer]);
});

test('what a peer has taken over is let go of, and who waits for it is told', async () => {
  const one = await world.start({ lease_ms: 2_000 });
  const { ids, open, runs } = await hold(one.client, 2);
  const [taken] = ids as [string];
  const other = await world.store.register({ name: 'peer', address: '127.0.0.1:1' }, 60_000);
  await world.database.query('UPDATE transactions SET owner = $2 WHERE transaction_id = $1', [taken, other]);
  const engine = one.coordinator.incarnation()?.engine;
  await eventually(() => expect(engine?.look(taken)).toBeUndefined(), patience_ms);
  expect(engine?.size()).toBe(1);
  open();
  await untilEnded(ids.slice(1));
  await world.store.fence(other);
  await untilEnded([taken]);
  await Promise.all(runs);
});

test('what it owns and does not drive, since the answer to its takeover was lost, it finds', async () => {
  const gone = await world.store.register({ name: 'gone', address: '127.0.0.1:1' }, 60_000);
  const { coordinator } = await world.start({ lease_ms: 2_000 });
  const transactionId = '01a205b3-d000-7000-8000-000000000001';
  const branch = { name: 'a', participant: 'shop', action: 'do', kind: 'RESERVED', after: [], payload: '' } as const;
  const begin = { transactionId, idempotencyKey: 'lost', fingerprint: '', branches: [branch], traceparent: '' };
  const begins = [{ ...begin, timeout_ms: 60_000, begunAt_ms: performance.now() }];
  await world.store.write(gone, { begins, decisions: [], ends: [] });
  await world.database.query('UPDATE transactions SET owner = $2 WHERE transaction_id = $1', [
    transactionId,
    coordinator.incarnation()?.epoch,
  ]);
  await untilEnded([transactionId]);
});

test('what one leaves is taken over in batches by those who are there', async () => {
  const one = await world.start({ lease_ms: 60_000 });
  const { ids, open } = await hold(one.client, 120);
  const epoch = one.coordinator.incarnation()?.epoch as bigint;
  await Promise.all([world.start({ lease_ms: 2_000 }), world.start({ lease_ms: 2_000 })]);
  await world.store.fence(epoch);
  await eventually(async () => {
    const found = await world.store.byIds(ids);
    expect(found.filter(({ owner }) => owner === epoch)).toEqual([]);
  }, patience_ms);
  open();
  await untilEnded(ids);
});

test('[O1] a record waits for whoever takes its transaction, or fences its coordinator, and then knows whose it is', async () => {
  const { database, store } = world;
  const epoch = await store.register({ name: 'writer', address: '127.0.0.1:1' }, 60_000);
  const branch = { name: 'a', participant: 'shop', action: 'do', kind: 'RESERVED', after: [], payload: '' } as const;
  const begins = Array.from({ length: 3 }, () => {
    const transactionId = newTransactionId(0);
    const begin = {
      transactionId,
      idempotencyKey: transactionId,
      fingerprint: '',
      branches: [branch],
      traceparent: '',
    };
    return { ...begin, timeout_ms: 60_000, begunAt_ms: performance.now() };
  });
  const [taken, mine, later] = begins.map(({ transactionId }) => transactionId) as [string, string, string];
  const record = { state: 'COMMITTING', results: {}, omitted: [] } as const;
  const decide = (...ids: string[]) =>
    store.write(epoch, { begins: [], decisions: ids.map((transactionId) => ({ transactionId, record })), ends: [] });
  await store.write(epoch, { begins, decisions: [], ends: [] });

  const takeOver = (sql: Sql) => sql.query('UPDATE transactions SET owner = 0 WHERE transaction_id = $1', [taken]);
  const [, written] = await overlap<unknown>(database, takeOver, () => decide(taken, mine));
  expect(written).toEqual({ owner: true, transactionIds: new Set([mine]) });
  const renew = (sql: Sql) =>
    sql.query(`UPDATE coordinators SET lease_until = lease_until + interval '1 s' WHERE epoch = $1`, [epoch]);
  // Neither waits for the other.
  const renewed = await database.transaction(async (sql) => {
    await renew(sql);
    return decide(later);
  });
  expect(renewed).toEqual({ owner: true, transactionIds: new Set([later]) });
  const fence = (sql: Sql) => leases.fence(sql as Database, epoch);
  const [, fenced] = await overlap<unknown>(database, fence, () => decide(taken));
  expect(fenced).toEqual({ owner: false, transactionIds: new Set() });
});
