import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failure } from './embedded/failure.ts';
import { createDatabaseAndRole, type EmbeddedPostgres, startPostgres, stopStale } from './embedded.ts';
import { type Database, isTransient, openDatabase } from './index.ts';

// One directory for all tests: making its data takes most of the time.
let directory: string;
const servers: EmbeddedPostgres[] = [];
const databases: Database[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-embedded-'));
  chmodSync(directory, 0o711);
});
afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function start(port?: number): Promise<EmbeddedPostgres> {
  const server = await startPostgres({
    directory,
    maxConnections: 20,
    maxPreparedTransactions: 7,
    ...(port && { port }),
  });
  servers.push(server);
  return server;
}

function open(url: string): Database {
  const database = openDatabase({ url, name: 'test', size: 1 });
  databases.push(database);
  return database;
}

const show = async (database: Database, setting: string) =>
  (await database.query('select current_setting($1) as value', [setting])).rows[0]?.value;

test('a server has the settings asked for, is durable, and keeps its data', async () => {
  const first = await start();
  const database = open(first.adminUrl);
  const settings = [
    'max_connections',
    'max_prepared_transactions',
    'fsync',
    'synchronous_commit',
    'listen_addresses',
    'server_encoding',
  ];
  expect(await Promise.all(settings.map((setting) => show(database, setting)))).toEqual([
    '20',
    '7',
    'on',
    'on',
    '127.0.0.1',
    'UTF8',
  ]);
  await database.query('create table kept (id int); insert into kept values (1)');
  await first.stop();
  const second = await start();
  expect(await open(second.adminUrl).query('table kept')).toEqual({ rows: [{ id: 1 }], rowCount: 1 });
});

test('a pool gets over a restart of the server', async () => {
  const first = await start();
  const database = open(first.adminUrl);
  await database.query('select 1');
  await first.stop();
  expect(isTransient(await database.query('select 1').catch((error) => error))).toBe(true);
  await start(first.port);
  await database.query('select 1');
});

test('a role gets into its own database only, and may be made twice', async () => {
  const { adminUrl } = await start();
  const options = { database: 'Shop "1"', role: `o'role`, password: `pass'word/@` };
  const urls = await Promise.all([
    createDatabaseAndRole(adminUrl, { database: 'other', role: 'other', password: 'x' }),
    createDatabaseAndRole(adminUrl, { ...options, password: 'first' }).then(() =>
      createDatabaseAndRole(adminUrl, options),
    ),
  ]);
  const url = urls[1];
  expect((await open(url).query('select current_user u, current_database() d')).rows).toEqual([
    { u: options.role, d: options.database },
  ]);
  for (const database of ['other', 'postgres', 'template1']) {
    const elsewhere = new URL(url);
    elsewhere.pathname = database;
    await expect(open(elsewhere.href).query('select 1')).rejects.toThrow('permission denied for database');
  }
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(open(wrong.href).query('select 1')).rejects.toThrow('password authentication failed');
});

test('a server that runs already is not disturbed, but can be stopped by others', async () => {
  const { pid } = await start();
  await expect(start()).rejects.toThrow(`it runs on ${join(directory, 'data')} already (process ${pid})`);
  await stopStale(directory);
  expect(existsSync(join(directory, 'data', 'postmaster.pid'))).toBe(false);
  await stopStale(directory);
  await start();
});

test('a server that was killed is started again, even when another process has its number now', async () => {
  const killed = await start();
  process.kill(killed.pid, 'SIGKILL');
  await sleep(200);
  await start();
  await stopStale(directory);
  writeFileSync(join(directory, 'data', 'postmaster.pid'), `${process.pid}\n`);
  await start();
});

test('a server does not outlive a process that was killed', async () => {
  const program = `
    const { startPostgres } = await import(${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))});
    await startPostgres({ directory: ${JSON.stringify(directory)}, maxConnections: 20, maxPreparedTransactions: 7 });
    console.log('started');
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  owner.kill('SIGKILL');
  const isAlive = () => existsSync(join(directory, 'data', 'postmaster.pid'));
  for (let tries = 0; tries < 100 && isAlive(); tries++) await sleep(20);
  expect(isAlive()).toBe(false);
});

test('a port that is in use is named', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(start(port)).rejects.toThrow(`PostgreSQL can't start: port ${port} of 127.0.0.1 is in use`);
  other.close();
});

test('a directory that cannot be made is named', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const options = { directory: join(file, 'data'), maxConnections: 20, maxPreparedTransactions: 7 };
  await expect(startPostgres(options)).rejects.toThrow(/^PostgreSQL can't start: .*ENOTDIR/);
});

test('a directory that is closed to the account of the server is named', async () => {
  if (process.getuid?.() !== 0) return;
  const closed = join(directory, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const options = { directory: join(closed, 'postgres'), maxConnections: 20, maxPreparedTransactions: 7 };
  await expect(startPostgres(options)).rejects.toThrow('a directory above it is closed to other accounts than root');
});

test('what PostgreSQL says is put into one line', () => {
  const explain = (output: string) => failure(output, '/data', 5432).message.replace(`PostgreSQL can't start: `, '');
  expect(explain('FATAL:  could not write lock file "postmaster.pid": No space left on device')).toBe(
    'no space is left on the disk of /data',
  );
  expect(explain('LOG: x\n2026-01-01 UTC [1] FATAL:  database files are incompatible with server\nDETAIL: y')).toBe(
    'database files are incompatible with server',
  );
  expect(explain('')).toBe('it ended without a word');
});
