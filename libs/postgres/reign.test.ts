import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { beginReign, type Database, migrate, openDatabase, reignMigrations, under } from './index.ts';
import { scratchUrl } from './testing/scratch.ts';

let database: Database;
beforeAll(async () => {
  const url = await scratchUrl();
  await migrate(url, [reignMigrations]);
  database = openDatabase({ url, name: 'test', size: 4, lockTimeout_ms: 20_000, statementTimeout_ms: 20_000 });
  await database.query('CREATE TABLE done (by text)');
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('TRUNCATE reigns; TRUNCATE done');
});

/** The database under a reign that has just begun. */
async function reign(holder: string) {
  const one = await beginReign(database, 'sweep', holder);
  const state = { number: one.number, isFenced: false };
  const ruled = under(database, one, () => {
    state.isFenced = true;
  });
  return { state, ruled, sweep: () => ruled.query('INSERT INTO done VALUES ($1)', [holder]) };
}
const done = async () =>
  (await database.query<{ by: string }>('SELECT by FROM done ORDER BY by')).rows.map(({ by }) => by);

async function isAnyoneBlocked() {
  const { rowCount } = await database.query(
    'SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0',
  );
  return rowCount > 0;
}

describe('a reign', () => {
  test('ends with the beginning of the next, and of no other work', async () => {
    const first = await reign('a');
    await first.sweep();
    await beginReign(database, 'something else', 'b');
    await first.sweep();
    const second = await reign('b');
    expect([first.state.number, second.state.number]).toEqual([1n, 2n]);
    await expect(first.sweep()).rejects.toThrow('fenced: another replica has taken over the sweep');
    await expect(first.ruled.until(undefined).query('DELETE FROM done')).rejects.toThrow('fenced');
    await expect(first.ruled.transaction((sql) => sql.query('DELETE FROM done'))).rejects.toThrow('fenced');
    await second.sweep();
    expect(await done()).toEqual(['a', 'a', 'b']);
    expect([first.state.isFenced, second.state.isFenced]).toEqual([true, false]);
  });

  test('does not begin while a piece of the one before is under way', async () => {
    const { ruled } = await reign('a');
    const worked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const piece = ruled.transaction(async (sql) => {
      await sql.query(`INSERT INTO done VALUES ('a')`);
      worked.resolve();
      await go.promise;
    });
    await worked.promise;
    const next = beginReign(database, 'sweep', 'b');
    while (!(await isAnyoneBlocked())) await sleep(10);
    go.resolve();
    await piece;
    expect((await next).number).toBe(2n);
    expect(await done()).toEqual(['a']);
  });
});
