import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Sql } from '@assent/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, testDatabase } from './index.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-migrations-'));
  writeFileSync(join(directory, '1-things.sql'), 'create table things (id int)');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function using<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, name: 'test', size: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

test('every test database is migrated and its own, of a role that is nothing special', async () => {
  const migrations = [{ name: 'things', directory }];
  const databases = await Promise.all(Array.from({ length: 3 }, () => testDatabase(migrations)));
  for (const { url } of databases) {
    await using(url, async (sql) => {
      await sql.query('insert into things values (1)');
      expect((await sql.query('select id, usesuper from things, pg_user where usename = current_user')).rows).toEqual([
        { id: 1, usesuper: false },
      ]);
    });
  }
  await Promise.all(databases.map((database) => database.drop()));
  await expect(using(databases[0]!.url, (sql) => sql.query('select 1'))).rejects.toThrow('does not exist');
});

test('what changes the migrations changes the template', async () => {
  const before = await testDatabase([{ name: 'things', directory }]);
  writeFileSync(join(directory, '2-more.sql'), 'create table more (id int)');
  const after = await testDatabase([{ name: 'things', directory }]);
  await expect(using(before.url, (sql) => sql.query('table more'))).rejects.toThrow('does not exist');
  expect((await using(after.url, (sql) => sql.query('table more'))).rows).toEqual([]);
  await Promise.all([before.drop(), after.drop()]);
});

test('eventually waits for an assertion to hold, but not for ever', async () => {
  let calls = 0;
  await eventually(() => expect(++calls).toBe(3));
  await expect(eventually(() => Promise.reject(new Error('never')), 50)).rejects.toThrow('never');
});
