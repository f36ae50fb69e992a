import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase, type Sql } from './index.ts';
import { adminUrl, scratchUrl } from './testing/scratch.ts';

const name = 'cancelled';
const reason = new Error('nobody waits any more');
let url: string;
let admin: Database;
const open: Database[] = [];

beforeAll(async () => {
  url = await scratchUrl();
  await scratch().query('create table items (id int8 primary key)');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

function scratch(): Database {
  const database = openDatabase({ url, name, size: 1, acquireTimeout_ms: 60_000, statementTimeout_ms: 60_000 });
  admin = openDatabase({ url: adminUrl(), name: 'admin', size: 1, acquireTimeout_ms: 60_000 });
  open.push(database, admin);
  return database;
}

/** How many of its statements that take their time run on the pool. */
async function running(): Promise<number> {
  const text = `select from pg_stat_activity where application_name = $1 and state = 'active' and query like '%pg_sleep%'`;
  return (await admin.query(text, [name])).rowCount;
}

const sleepFor = (sql: Sql, seconds: number) => sql.query('select pg_sleep($1)', [seconds]);
const pid = async (sql: Sql) => (await sql.query<{ pid: number }>('select pg_backend_pid() pid')).rows[0]!.pid;

/** Aborts when the statement runs. */
async function abortWhenRunning(aborter: AbortController): Promise<void> {
  while ((await running()) === 0) await sleep(5);
  aborter.abort(reason);
}

describe('a signal', () => {
  test('ends the statement that runs, and the connection goes on', async () => {
    const database = scratch();
    const before = await pid(database);
    const aborter = new AbortController();
    const query = sleepFor(database.until(aborter.signal), 60);
    await Promise.all([expect(query).rejects.toBe(reason), abortWhenRunning(aborter)]);
    expect(await running()).toBe(0);
    expect(await pid(database)).toBe(before);
  });

  test('ends a transaction, with all that it has sent, and rolls it back', async () => {
    const database = scratch();
    const before = await pid(database);
    const aborter = new AbortController();
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const work = database.transaction(async (sql) => {
      await sql.query('insert into items values ($1)', [1]);
      outcomes.push(...(await Promise.allSettled([sleepFor(sql, 60), sleepFor(sql, 60)])));
      await sleepFor(sql, 60);
    }, aborter.signal);
    await Promise.all([expect(work).rejects.toBe(reason), abortWhenRunning(aborter)]);
    expect(outcomes[0]).toEqual({ status: 'rejected', reason });
    expect(outcomes[1]?.status).toBe('rejected');
    expect((await database.query('select from items')).rowCount).toBe(0);
    expect(await pid(database)).toBe(before);
  });

  test('keeps a transaction from being committed whose work is done', async () => {
    const database = scratch();
    const aborter = new AbortController();
    const work = database.transaction(async (sql) => {
      await sql.query('insert into items values ($1)', [2]);
      aborter.abort(reason);
    }, aborter.signal);
    await expect(work).rejects.toBe(reason);
    expect((await database.query('select from items')).rowCount).toBe(0);
  });

  test('that has aborted before sends nothing, also when it does while a connection is waited for', async () => {
    const database = scratch();
    const aborter = new AbortController();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const connection = database.connection(() => held);
    const waiting = sleepFor(database.until(aborter.signal), 60);
    aborter.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(sleepFor(database.until(aborter.signal), 60)).rejects.toBe(reason);
    release();
    await connection;
    await database.query('select 1');
  });

  test('that aborts later does nothing', async () => {
    const database = scratch();
    const aborter = new AbortController();
    await database.until(aborter.signal).query('select 1');
    const next = sleepFor(database, 0.1);
    aborter.abort(reason);
    await next;
  });

  test('never hits the next statement of the connection', async () => {
    const database = scratch();
    let cancelled = 0;
    for (let round = 0; round < 100; round++) {
      const aborter = new AbortController();
      const statement = sleepFor(database.until(aborter.signal), (round % 5) / 1000).catch((error) => {
        expect(error).toBe(reason);
        cancelled += 1;
      });
      // Before it is sent, while it runs, as it ends.
      if (round % 3 > 0) await sleep(round % 7);
      aborter.abort(reason);
      await Promise.all([statement, sleepFor(database, 0.001)]);
    }
    expect(cancelled).toBeGreaterThan(0);
    expect(cancelled).toBeLessThan(100);
  });
});
