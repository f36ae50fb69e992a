import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Database, openDatabase } from './index.ts';
import { dropPartitionsBefore, ensurePartitions, listPartitions, uuidAt } from './partitions.ts';
import { scratchUrl } from './testing/scratch.ts';

const day_ms = 86_400_000;
const now_ms = Date.UTC(2026, 10, 23, 15, 30);
const today_ms = Date.UTC(2026, 10, 23);

let database: Database;
let other: Database;
beforeEach(async () => {
  const url = await scratchUrl();
  database = openDatabase({ url, name: 'test', size: 4, acquireTimeout_ms: 60_000 });
  other = openDatabase({ url, name: 'test', size: 4, acquireTimeout_ms: 60_000, lockTimeout_ms: 20_000 });
  await database.query(
    `CREATE TABLE things (id uuid, part integer, note text NOT NULL DEFAULT 'x', PRIMARY KEY (id, part)) PARTITION BY RANGE (id);
    CREATE TABLE things_default PARTITION OF things DEFAULT WITH (fillfactor = 75)`,
  );
});
afterEach(async () => {
  await Promise.all([database.close(), other.close()]);
});

const ensure = (ms = now_ms, ahead = 2) =>
  ensurePartitions(database, { table: 'things', period_ms: day_ms, now_ms: ms, ahead });
const names = async () => (await listPartitions(database, 'things')).map(({ name }) => name);
const add = (...times_ms: number[]) =>
  database.query('INSERT INTO things (id, part) SELECT id, 1 FROM unnest($1::uuid[]) AS ids (id)', [
    times_ms.map((ms) => uuidAt(ms).replace(/0$/, '1')),
  ]);
const places = async () =>
  (await database.query<{ place: string }>('SELECT tableoid::regclass AS place FROM things ORDER BY id')).rows.map(
    ({ place }) => place,
  );

test('a time has a lowest UUID', () => {
  expect(uuidAt(0)).toBe('00000000-0000-7000-8000-000000000000');
  expect(uuidAt(now_ms)).toBe('01a20907-40c0-7000-8000-000000000000');
});

test('partitions are made ahead, like the default one, and rows find them by their time', async () => {
  expect(await ensure()).toEqual(['things_202611230000', 'things_202611240000', 'things_202611250000']);
  expect(await ensure()).toEqual([]);
  expect(await ensure(now_ms + day_ms)).toEqual(['things_202611260000']);
  expect((await listPartitions(database, 'things'))[0]).toEqual({
    name: 'things_202611230000',
    from_ms: today_ms,
    to_ms: today_ms + day_ms,
  });
  await add(today_ms - 1, today_ms, today_ms + day_ms - 1, today_ms + day_ms, today_ms + 9 * day_ms);
  const expected = ['default', '202611230000', '202611230000', '202611240000', 'default'];
  expect(await places()).toEqual(expected.map((name) => `things_${name}`));
  const { rows } = await database.query(
    `SELECT DISTINCT reloptions FROM pg_class WHERE relname LIKE 'things\\_2%' AND relkind = 'r'`,
  );
  expect(rows).toEqual([{ reloptions: ['fillfactor=75'] }]);
  expect((await database.query('SELECT DISTINCT note FROM things')).rows).toEqual([{ note: 'x' }]);
});

test('what went to the default partition meanwhile is moved', async () => {
  await add(now_ms, now_ms + 1, now_ms + 9 * day_ms);
  await ensure();
  expect(await places()).toEqual(['things_202611230000', 'things_202611230000', 'things_default']);
});

test('a gap stays with the default partition, and other periods begin where the old ones end', async () => {
  await ensure(now_ms, 0);
  await ensure(now_ms + 3 * day_ms, 0);
  await ensurePartitions(database, { table: 'things', period_ms: day_ms / 2, now_ms: now_ms + 3 * day_ms, ahead: 1 });
  expect(await names()).toEqual(['things_202611230000', 'things_202611260000', 'things_202611270000']);
});

test('replicas do it once', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => ensure()));
  expect(made.flat().length).toBe(3);
});

test('it waits neither for writers nor keeps them waiting', async () => {
  await ensure(now_ms, 0);
  await other.transaction(async (sql) => {
    await sql.query('INSERT INTO things (id, part) VALUES ($1, 1)', [uuidAt(now_ms)]);
    expect(await ensure(now_ms, 1)).toEqual(['things_202611240000']);
  });
});

test('old ones are dropped when nobody uses them, and keeps them', async () => {
  await ensure(now_ms, 3);
  await add(now_ms, now_ms + day_ms);
  const drop = (before_ms: number, mayDrop?: () => Promise<boolean>) =>
    dropPartitionsBefore(database, { table: 'things', before_ms, ...(mayDrop && { mayDrop }) });
  expect(await drop(today_ms + day_ms - 1)).toEqual([]);
  expect(await drop(today_ms + day_ms, async () => false)).toEqual([]);
  expect(await drop(today_ms + day_ms)).toEqual(['things_202611230000']);
  expect(await places()).toEqual(['things_202611240000']);

  await other.transaction(async (sql) => {
    await sql.query('INSERT INTO things (id, part) VALUES ($1, 1)', [uuidAt(now_ms + day_ms)]);
    expect(await drop(today_ms + 3 * day_ms)).toEqual([]);
  });
  expect(await drop(today_ms + 3 * day_ms)).toEqual(['things_202611240000', 'things_202611250000']);
  expect(await names()).toEqual(['things_202611260000']);
});

test('a table has a plain name', async () => {
  const table = 'things; DROP TABLE things';
  await expect(ensurePartitions(database, { table, period_ms: day_ms, now_ms, ahead: 0 })).rejects.toThrow();
});
