import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** A directory of numbered .sql files, such as `001-orders.sql`, that are applied in order and never changed again. */
export interface Migrations {
  /** Names the set in `schema_migrations`. */
  readonly name: string;
  readonly directory: string;
}

interface File {
  readonly set: string;
  readonly number: number;
  /** `SET/FILE`, for people. */
  readonly title: string;
  readonly sql: string;
  readonly checksum: string;
}

// Any number, the same for all: one replica migrates a database at a time.
const LOCK = 4_718_276_523n;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Applies the files that the database hasn't seen, each in a transaction of its own. Several replicas may start at once.
 * A database that is ahead of the files is left alone: replicas of an older version go on while a newer one is rolled out.
 * Fails when a file that was applied has been changed since, or when a new one comes before one that was applied.
 */
export async function migrate(url: string, migrations: readonly Migrations[]): Promise<void> {
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
    // Most starts find nothing to do, and needn't wait for each other to see it.
    if ((await findMissing(client, files)).length > 0) await applyMissing(client, files);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: pg.Client, files: readonly File[]): Promise<void> {
  // Ends with the connection.
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await client.query(`create table if not exists schema_migrations (
    name text, number int, checksum text not null, applied_at timestamptz not null default now(), primary key (name, number))`);
  for (const file of await findMissing(client, files)) await apply(client, file);
}

async function apply(client: pg.Client, { set, number, title, sql, checksum }: File): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into schema_migrations (name, number, checksum) values ($1, $2, $3)', [
      set,
      number,
      checksum,
    ]);
    await client.query('commit');
  } catch (cause) {
    const { message, position } = cause as { message: string; position?: string };
    const line = position ? ` line ${sql.slice(0, Number(position)).split('\n').length}` : '';
    throw new Error(`migration ${title}${line}: ${message}`, { cause });
  }
}

async function findMissing(client: pg.Client, files: readonly File[]): Promise<File[]> {
  const applied = await readApplied(client);
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

async function readApplied(client: pg.Client) {
  const { rows } = await client.query(`select to_regclass('schema_migrations') is not null as found`);
  if (!rows[0]?.found) return [];
  return (await client.query<{ name: string; number: number; checksum: string }>('select * from schema_migrations'))
    .rows;
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
  return { set, number, title, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
