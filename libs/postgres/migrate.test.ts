import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate, type Sql } from './index.ts';
import { scratchUrl } from './testing/scratch.ts';

let directory: string;
let url: string;

beforeAll(async () => {
  url = await scratchUrl();
});
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-migrations-'));
  await query('drop schema public cascade; create schema public');
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (file: string, sql: string) => writeFileSync(join(directory, file), sql);
const run = (version?: string) => migrate(url, [{ name: 'shop', directory }], version);

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}
const applied = () => query('select name, number from schema_migrations order by 1, 2');

test('applies what is new, in the order of the numbers', async () => {
  write('2-rows.sql', 'insert into things values (1); insert into things values (2);');
  write('001-things.sql', 'create table things (id int);');
  write('notes.txt', 'nothing');
  await run();
  write('10-more.sql', 'insert into things values (3);');
  await run();
  await run();
  expect(await query('select id from things order by 1')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(await applied()).toEqual([1, 2, 10].map((number) => ({ name: 'shop', number })));
});

test('several sets share a database, each with numbers of its own', async () => {
  write('1-things.sql', 'create table if not exists things (id int)');
  const sets = ['a', 'b'].map((name) => ({ name, directory }));
  await migrate(url, sets);
  expect(await applied()).toEqual([
    { name: 'a', number: 1 },
    { name: 'b', number: 1 },
  ]);
});

test('eight replicas may start at once', async () => {
  write('1-things.sql', 'create table things (id int); select pg_sleep(0.05);');
  write('2-row.sql', 'insert into things values (1);');
  await Promise.all(Array.from({ length: 8 }, () => run()));
  expect(await query('select * from things')).toEqual([{ id: 1 }]);
});

test('a file that fails leaves nothing behind, says where, and can be mended', async () => {
  write('1-things.sql', 'create table things (id int);');
  write('2-broken.sql', 'create table other (id int);\n\ninsert into thinks values (1);');
  await expect(run()).rejects.toThrow('migration shop/2-broken.sql line 3: relation "thinks" does not exist');
  expect([await applied(), await query(`select to_regclass('other') other`)]).toEqual([
    [{ name: 'shop', number: 1 }],
    [{ other: null }],
  ]);
  write('2-broken.sql', 'create table other (id int);');
  await run();
});

test('a file that was changed after it had been applied is an error, other line ends are not', async () => {
  write('1-things.sql', 'create table things (\nid int);');
  await run();
  write('1-things.sql', 'create table things (\r\nid int);');
  await run();
  write('1-things.sql', 'create table things (id bigint);');
  await expect(run()).rejects.toThrow('migration shop/1-things.sql was changed after it had been applied');
});

test('a database that is ahead is left alone', async () => {
  write('1-things.sql', 'create table things (id int);');
  write('2-more.sql', 'alter table things add column more int;');
  await run();
  rmSync(join(directory, '2-more.sql'));
  await run();
});

test('a database that is ahead is refused by code that a migration has closed it to, and left as it is', async () => {
  write('1-things.sql', 'create table things (id int, old int);');
  await run('0.1.0');
  write('3-no-old.sql', '-- Nobody reads it any more.\n-- requires 0.3\nalter table things drop column old;');
  await expect(run('0.2.9')).rejects.toThrow('migration shop/3-no-old.sql requires 0.3, and this is 0.2.9');
  await run('0.4.0');
  rmSync(join(directory, '3-no-old.sql'));
  write('2-late.sql', 'create table late (id int);');
  await expect(run('0.2.9')).rejects.toThrow('with shop/3 it requires 0.3, and this is 0.2.9. Deploy 0.3 or later');
  rmSync(join(directory, '2-late.sql'));
  await run('0.3.0');
  await run('1.0.0');
  expect(await applied()).toEqual([1, 3].map((number) => ({ name: 'shop', number })));
});

test('a table of migrations from before they could require anything gets its column', async () => {
  write('1-things.sql', 'create table things (id int);');
  await run();
  await query('alter table schema_migrations drop column requires');
  await run('0.1.0');
  write('2-more.sql', '-- requires 0.1\nalter table things add column more int;');
  await run('0.1.0');
  expect(await query('select requires from schema_migrations order by number')).toEqual([
    { requires: null },
    { requires: '0.1' },
  ]);
});

test('a requirement that is not written as one is an error', async () => {
  write('1-things.sql', '--requires version 0.3\ncreate table things (id int);');
  await expect(run('0.3.0')).rejects.toThrow(`migration shop/1-things.sql: write '-- requires 0.3', not`);
});

test('a check that finds the server wanting leaves the database as it was', async () => {
  write('1-things.sql', 'create table things (id int);');
  const check = async (sql: Pick<Sql, 'query'>) => {
    const { rows } = await sql.query<{ wal: string }>(`select current_setting('wal_level') as wal`);
    throw new Error(`wal_level is ${rows[0]?.wal}`);
  };
  await expect(migrate(url, [{ name: 'shop', directory, check }])).rejects.toThrow('wal_level is replica');
  expect(await query(`select from pg_class where relnamespace = 'public'::regnamespace`)).toEqual([]);
});

test('what comes late, twice or without a number is an error', async () => {
  write('2-things.sql', 'select 1');
  await run();
  write('1-late.sql', 'select 1');
  await expect(run()).rejects.toThrow('migration shop/1-late.sql comes before one that was applied');
  write('02-twice.sql', 'select 1');
  await expect(run()).rejects.toThrow('there are two with its number');
  write('things.sql', 'select 1');
  await expect(run()).rejects.toThrow(`migration shop/things.sql: its name doesn't begin with a number`);
});
