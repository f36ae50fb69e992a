// What lists show, and that the common questions cost the same however many transactions have ended.
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import type { ListTransactionsRequest } from '@assent/protos/coordinator/v1/ListTransactionsRequest.ts';
import { openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listTransactions } from './listing.ts';
import { firstIdAt } from './shard.ts';
import { createStore, type ListOptions } from './store/index.ts';
import { openStates, recoveryLag_s } from './store/open.ts';

let database: Database;
const ended = 20_000;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }]);
  const insert = (count: string, state: string, kind: string, participant: string, age: string, more = 'NULL, now()') =>
    database.query(
      `INSERT INTO transactions (transaction_id, version, state, owner, idempotency_key, fingerprint, branches, traceparent,
         created_at, deadline, parked_at, ended_at)
       SELECT id($2::interval + n * interval '1 ms'), 1, '${state}', 7, n, '', json_build_array($1::json), '',
         now() - $2::interval, now(), ${more} FROM generate_series(1, ${count}) n`,
      [JSON.stringify({ name: 'a', kind, participant, action: 'do', after: [], payload: '' }), age],
    );
  await database.query(
    `CREATE FUNCTION id(age interval) RETURNS uuid LANGUAGE sql AS $$
       SELECT (lpad(to_hex((extract(epoch FROM now() - age) * 1000)::bigint), 12, '0') || '7000'
         || substr(gen_random_uuid()::text, 20, 4) || substr(gen_random_uuid()::text, 25))::uuid $$`,
  );
  await insert(String(ended), 'COMMITTED', 'RESERVED', 'inventory', '1 day');
  await insert('3', 'ABORTING', 'PREPARED', 'payment', '1 hour', 'NULL, NULL');
  await insert('2', 'COMMITTING', 'RESERVED', 'order', '30 days', 'now(), NULL');
  await insert('1', 'RUNNING', 'COMPENSATABLE', 'order', '0', 'NULL, NULL');
  await database.query('ANALYZE transactions');
});
afterAll(() => database?.close());

const everything: ListTransactionsRequest = {
  state: 'STATE_UNSPECIFIED',
  pageSize: 0,
  pageToken: '',
  minAge: null,
  kind: 'KIND_UNSPECIFIED',
  participant: '',
};

async function list(request: Partial<ListTransactionsRequest>) {
  const { transactions, nextPageToken } = await listTransactions({ ...everything, ...request }, createStore(database));
  return { states: transactions?.map(({ state }) => state), nextPageToken };
}

test('by state, age, kind and participant', async () => {
  expect((await list({ state: 'PARKED' })).states).toEqual(['PARKED', 'PARKED']);
  expect((await list({ state: 'COMMITTING' })).states).toEqual([]);
  expect((await list({ state: 'ABORTING', kind: 'PREPARED' })).states).toHaveLength(3);
  expect((await list({ state: 'ABORTING', kind: 'RESERVED' })).states).toEqual([]);
  expect((await list({ participant: 'order' })).states).toEqual(['RUNNING', 'PARKED', 'PARKED']);
  const hour = { seconds: '1800', nanos: 0 };
  expect((await list({ minAge: hour, pageSize: 4 })).states).toEqual(['ABORTING', 'ABORTING', 'ABORTING', 'COMMITTED']);
  expect((await list({ minAge: hour, participant: 'order' })).states).toEqual(['PARKED', 'PARKED']);
});

test('in pages', async () => {
  const filter = { state: 'ABORTING', minAge: { seconds: '1', nanos: 500_000_000 }, pageSize: 2 } as const;
  const first = await list(filter);
  expect(first.states).toHaveLength(2);
  const second = await list({ ...filter, pageToken: first.nextPageToken as string });
  expect(second).toEqual({ states: ['ABORTING'], nextPageToken: '' });
  await expect(list({ ...filter, kind: 'PREPARED', pageToken: first.nextPageToken as string })).rejects.toMatchObject({
    violations: [{ field: 'pageToken' }],
  });
});

test('a filter that is none is named', async () => {
  await expect(list({ minAge: { seconds: '-1', nanos: 0 } })).rejects.toMatchObject({
    violations: [{ field: 'minAge' }],
  });
  await expect(list({ participant: 'a b' })).rejects.toMatchObject({ violations: [{ field: 'participant' }] });
});

describe('what has ended is not looked at', () => {
  /** How many rows PostgreSQL reads for what the store asks. */
  async function rowsRead(ask: (store: ReturnType<typeof createStore>) => Promise<unknown>): Promise<number> {
    let read = 0;
    const explaining = {
      until: (): unknown => explaining,
      async query(text: string, values: unknown[] = []) {
        const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          values,
        );
        read += scanned(rows[0]!['QUERY PLAN'][0].Plan);
        return database.query(text, values);
      },
    };
    await ask(createStore(explaining as unknown as Database));
    return read;
  }

  interface Plan {
    readonly 'Node Type': string;
    readonly 'Actual Rows': number;
    readonly 'Rows Removed by Filter'?: number;
    readonly 'Actual Loops': number;
    readonly Plans?: readonly Plan[];
  }

  function scanned({ Plans = [], ...plan }: Plan): number {
    const rows = /Scan/.test(plan['Node Type']) ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) : 0;
    return Plans.reduce((total, one) => total + scanned(one), rows * plan['Actual Loops']);
  }

  const questions: Record<string, ListOptions> = {
    parked: { state: 'PARKED', limit: 51 },
    'parked of a participant': { state: 'PARKED', participant: 'order', limit: 51 },
    'aborting for longer than a minute': { state: 'ABORTING', before: firstIdAt(Date.now() - 60_000), limit: 51 },
    'the newest': { limit: 51 },
    'older than two days': { before: firstIdAt(Date.now() - 2 * 86_400_000), limit: 51 },
  };
  test.each(Object.entries(questions))('%s', async (_, options) => {
    expect(await rowsRead((store) => store.list(options))).toBeLessThan(200);
  });

  test('for metrics', async () => {
    expect(await rowsRead((store) => store.openStates())).toBeLessThan(200);
    expect(await rowsRead((store) => store.recoveryLag_s())).toBeLessThan(200);
    const states = await openStates(database);
    expect(states.map(({ state, count }) => `${state} ${count}`).sort()).toEqual([
      'ABORTING 3',
      'COMMITTING 0',
      'PARKED 2',
      'RUNNING 1',
    ]);
    expect(states.find(({ state }) => state === 'PARKED')?.oldest_s).toBeGreaterThan(29 * 86_400);
    expect(await recoveryLag_s(database)).toBe(0);
  });

  test('the lag of recovery is since the lease of the owner ran out', async () => {
    await database.query(
      `INSERT INTO coordinators (epoch, name, address, lease_until) OVERRIDING SYSTEM VALUE
       VALUES (7, 'gone', '', now() - interval '5 s')`,
    );
    const lag_s = await recoveryLag_s(database);
    expect(lag_s).toBeGreaterThanOrEqual(5);
    expect(lag_s).toBeLessThan(60);
  });
});
