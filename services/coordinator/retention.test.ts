// Partitions of the log on a real database, with short periods.
import { join } from 'node:path';
import { type Database, ensurePartitions, uuidAt } from '@assent/postgres';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase } from '@assent/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { retainOnce } from './retention.ts';
import { createStore, type Store } from './store/index.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const day_ms = 86_400_000;
const period_ms = 60_000;
let database: Database;
let store: Store;
let epoch: bigint;

beforeEach(async () => {
  database = await openTestDatabase([{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }]);
  store = createStore(database);
  epoch = await store.register({ name: 'test', address: '127.0.0.1:1' }, 60_000);
});
afterEach(() => database.close());

const keep = (retention_ms: number) => retainOnce(store, { retention_ms, period_ms }, log);
const branches = [{ name: 'a', participant: 'shop', action: 'do', kind: 'RESERVED', after: [], payload: '' }] as const;

let ids = 0;
/** Begins a transaction whose id is of that time. */
async function begin(time_ms: number): Promise<string> {
  const transactionId = uuidAt(time_ms).slice(0, -6) + String(++ids).padStart(6, '0');
  const rest = { fingerprint: 'f', branches, traceparent: '', timeout_ms: 1000, begunAt_ms: performance.now() };
  await store.write(epoch, {
    begins: [{ transactionId, idempotencyKey: transactionId, ...rest }],
    decisions: [],
    ends: [],
  });
  return transactionId;
}

const make = (now_ms: number) => ensurePartitions(database, { table: 'transactions', period_ms, now_ms, ahead: 0 });

async function end(transactionId: string): Promise<void> {
  const record = { state: 'ABORTED' as const, results: {}, omitted: [] };
  await store.write(epoch, { begins: [], decisions: [{ transactionId, record }], ends: [] });
}

async function partitionOf(transactionId: string): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    'SELECT tableoid::regclass::text AS name FROM transactions WHERE transaction_id = $1',
    [transactionId],
  );
  return rows[0]?.name ?? 'none';
}

test('a begin finds its partition; one from a clock that is wrong finds the default, until there is one for it', async () => {
  const early = await begin((await store.now()) + period_ms);
  expect(await partitionOf(early)).toBe('transactions_default');
  await Promise.all([keep(day_ms), keep(day_ms)]);
  expect(await partitionOf(early)).toMatch(/^transactions_2/);
  expect(await partitionOf(await begin(await store.now()))).toMatch(/^transactions_2/);
  const strange = await begin((await store.now()) + day_ms);
  expect(await partitionOf(strange)).toBe('transactions_default');
  await end(strange);
  expect((await store.byIds([strange]))[0]?.state).toBe('ABORTED');
});

test('what has ended goes with its partition and its keys; what is open or parked stays, and so do its neighbours', async () => {
  // Oldest first: a partition comes after those that are there.
  const [parked, older, old] = await Promise.all(
    [30, 20, 10].map(async (periods) => ({ time_ms: (await store.now()) - periods * period_ms })),
  );
  for (const one of [parked, older, old]) await make(one?.time_ms as number);
  const ended = await begin(old?.time_ms as number);
  await end(ended);
  const open = await begin(older?.time_ms as number);
  const neighbour = await begin(older?.time_ms as number);
  await end(neighbour);
  const waits = await begin(parked?.time_ms as number);
  const record = { state: 'ABORTING' as const, results: {}, omitted: [] };
  await store.write(epoch, { begins: [], decisions: [{ transactionId: waits, record }], ends: [] });
  const fault = { code: 'INVALID_ARGUMENT', message: 'never' };
  const stuck = [{ branch: 0, operation: 'CANCEL' as const, attempts: 20, fault }];
  await store.write(epoch, {
    begins: [],
    decisions: [{ transactionId: waits, record: { ...record, stuck } }],
    ends: [],
  });
  const stray = await begin(Date.now() - 40 * period_ms);
  await end(stray);

  await keep(5 * period_ms);
  expect((await store.byIds([ended, stray])).length).toBe(0);
  expect(await store.byKey(ended)).toBeUndefined();
  expect((await store.byIds([open, neighbour, waits])).map(({ transactionId }) => transactionId).sort()).toEqual(
    [open, neighbour, waits].sort(),
  );
  expect((await store.byKey(neighbour))?.transactionId).toBe(neighbour);
  expect((await database.query('SELECT FROM idempotency_keys')).rowCount).toBe(3);

  await end(open);
  await keep(5 * period_ms);
  expect((await store.byIds([open, neighbour])).length).toBe(0);
  expect((await store.byIds([waits]))[0]?.stuck).toEqual(stuck);
});

test('who wants to drop does not hold up who writes', async () => {
  await make((await store.now()) - 10 * period_ms);
  const ended = await store.endedPartitions((await store.now()) - 5 * period_ms);
  expect(ended).toHaveLength(1);
  await database.transaction(async (reader) => {
    await reader.query('SELECT FROM transactions LIMIT 1');
    const dropping = store.dropPartitions(ended);
    // Behind the one that drops, which gives up soon.
    const id = await begin(Date.now());
    expect(await dropping).toEqual([]);
    expect((await store.byIds([id])).length).toBe(1);
  });
  expect(await store.dropPartitions(ended)).toEqual([ended[0]?.name]);
});
