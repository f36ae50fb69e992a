import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { checkServer, isBefore, requiredVersion } from './compatibility.ts';
import type { Sql } from './database.ts';

/** A directory of numbered .sql files, such as `001-orders.sql`, that are applied in order and never changed again. */
export interface Migrations {
  /** Names the set in `schema_migrations`. */
  readonly name: string;
  readonly directory: string;
  /** Looks, before anything is changed, whether the server can do what these tables are for; throws, saying what it lacks. */
  check?(sql: Pick<Sql, 'query'>): Promise<void>;
}

interface File {
  readonly set: string;
  readonly number: number;
  /** `SET/FILE`, for people. */
  readonly title: string;
  readonly sql: string;
  readonly checksum: string;
  /** Of the code, at least, from then on. */
  readonly requires: string | undefined;
}

interface Applied {
  readonly name: string;
  readonly number: number;
  readonly checksum: string;
  /** Not there yet in tables of 0.1. */
  readonly requires?: string | null;
}

// Any number, the same for all: one replica migrates a database at a time.
const LOCK = 4_718_276_523n;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Applies the files that the database hasn't seen, each in a transaction of its own. Several replicas may start at once.
 * A database that is ahead of the files is left alone: replicas of an older version go on while a newer one is rolled out, and
 * come back when it is rolled back. Fails, with nothing changed, when a file that was applied has been changed since, when a new
 * one comes before one that was applied, when one that was applied requires a later version, when the server is too old, and
 * when a check finds it wanting.
 *
 * @param version of the code, such as 0.1.0
 */
export async function migrate(url: string, migrations: readonly Migrations[], version?: string): Promise<void> {
  const files = migrations.flatMap(readFiles);
  const client = new pg.Client({
    connectionString: url,
    application_name: 'migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    await checkServer(client);
    for (const { check } of migrations) await check?.(client);
    // Most starts find nothing to do, and needn't wait for each other to see it.
    if ((await findMissing(client, files, version)).length > 0) await applyMissing(client, files, version);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: pg.Client, files: readonly File[], version: string | undefined): Promise<void> {
  // Ends with the connection.
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await client.query(`create table if not exists schema_migrations (
    name text, number int, checksum text not null, applied_at timestamptz not null default now(), primary key (name, number))`);
  await client.query('alter table schema_migrations add column if not exists requires text');
  for (const file of await findMissing(client, files, version)) await apply(client, file);
}

async function apply(client: pg.Client, { set, number, title, sql, checksum, requires }: File): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    const row = [set, number, checksum, requires];
    await client.query('insert into schema_migrations (name, number, checksum, requires) values ($1, $2, $3, $4)', row);
    await client.query('commit');
  } catch (cause) {
    const { message, position } = cause as { message: string; position?: string };
    const line = position ? ` line ${sql.slice(0, Number(position)).split('\n').length}` : '';
    throw new Error(`migration ${title}${line}: ${message}`, { cause });
  }
}

async function findMissing(client: pg.Client, files: readonly File[], version: string | undefined): Promise<File[]> {
  const applied = await readApplied(client);
  if (version !== undefined) checkVersion(version, applied, files);
  const last = new Map<string, number>();
  for (const { name, number } of applied) last.set(name, Math.max(number, last.get(name) ?? 0));
  return files.filter(({ set, number, title, checksum }) => {
    const known = applied.find((row) => row.name === set && row.number === number);
    if (!known && number < (last.get(set) ?? 0))
      throw new Error(`migration ${title} comes before one that was applied`);
    if (known && known.checksum !== checksum)
      throw new Error(`migration ${title} was changed after it had been applied`);
    return !known;
  });
}

function checkVersion(version: string, applied: readonly Applied[], files: readonly File[]): void {
  const isTooNew = ({ requires }: Applied | File) => requires != null && isBefore(version, requires);
  const mistaken = files.find(isTooNew);
  if (mistaken) throw new Error(`migration ${mistaken.title} requires ${mistaken.requires}, and this is ${version}`);
  const newer = applied.find(isTooNew);
  if (!newer) return;
  throw new Error(
    `a newer version has migrated it: with ${newer.name}/${newer.number} it requires ${newer.requires}, and this is ${version}. ` +
      `Deploy ${newer.requires} or later. Nothing was changed`,
  );
}

async function readApplied(client: pg.Client): Promise<readonly Applied[]> {
  const { rows } = await client.query(`select to_regclass('schema_migrations') is not null as found`);
  if (!rows[0]?.found) return [];
  return (await client.query<Applied>('select * from schema_migrations')).rows;
}

function readFiles({ name: set, directory }: Migrations): File[] {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => readMigration(set, directory, file))
    .sort((a, b) => a.number - b.number);
  const twice = files.find(({ number }, index) => number === files[index + 1]?.number);
  if (twice) throw new Error(`migration ${twice.title}: there are two with its number`);
  return files;
}

function readMigration(set: string, directory: string, file: string): File {
  const title = `${set}/${file}`;
  const number = Number.parseInt(file, 10);
  if (!(number > 0)) throw new Error(`migration ${title}: its name doesn't begin with a number`);
  const sql = readFileSync(join(directory, file), 'utf8').replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { set, number, title, sql, checksum, requires: requiredVersion(title, sql) };
}
