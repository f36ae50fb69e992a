// Tables partitioned by the time in UUID v7 keys, so that what is old goes by dropping a table.
//
// A migration makes the table `PARTITION BY RANGE (key)` with a partition DEFAULT, named `<table>_default`, so that no row
// is ever refused; the other partitions are made like that one. None of this waits long for a lock, since what arrives
// meanwhile would wait behind it.
import type { Database, Sql } from './database.ts';
import { sqlState } from './errors.ts';

export interface PartitionsOptions {
  /** A name without anything to be quoted. */
  readonly table: string;
  /** How much time one partition holds. */
  readonly period_ms: number;
  readonly now_ms: number;
  /** How many periods from now are to have a partition, beside the one that is now. */
  readonly ahead: number;
}

export interface DropOptions {
  readonly table: string;
  /** Only partitions that end by then. */
  readonly before_ms: number;
  /** Asked in the transaction that drops the partition, once for each; without it none is kept. */
  readonly mayDrop?: (sql: Sql, partition: Partition) => Promise<boolean>;
  /** With it a partition is marked as closed first, and dropped by a call that comes so much later: by then everybody knows. */
  readonly closing?: { readonly now_ms: number; readonly margin_ms: number };
}

/** Holds the keys whose time is from `from_ms` until before `to_ms`. */
export interface Partition {
  readonly name: string;
  readonly from_ms: number;
  readonly to_ms: number;
  /** Since when it is about to be dropped, so that nothing new should come into it; undefined while it is open. */
  readonly closed_ms?: number;
}

/** The lowest UUID v7 of a time. */
export function uuidAt(ms: number): string {
  const hex = Math.trunc(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Oldest first. */
export async function listPartitions(sql: Sql, table: string): Promise<Partition[]> {
  const { rows } = await sql.query<{ name: string; bounds: string; comment: string | null }>(
    `SELECT c.oid::regclass::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds,
      obj_description(c.oid, 'pg_class') AS comment
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = $1::regclass AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'`,
    [table],
  );
  return rows
    .map(({ name, bounds, comment }) => {
      const [from, to] = bounds.match(/[0-9a-f]{8}-[0-9a-f]{4}(?=-)/g) ?? [];
      const [, since] = /^closed (.*)$/.exec(comment ?? '') ?? [];
      return { name, from_ms: timeOf(from), to_ms: timeOf(to), ...(since && { closed_ms: Date.parse(since) }) };
    })
    .sort((a, b) => a.from_ms - b.from_ms);
}

/**
 * Makes the partitions that are missing from now on and answers their names; none when another replica is at it.
 * Throws 55P03 when the DEFAULT partition is in use for too long: try again later, rows go there meanwhile.
 */
export async function ensurePartitions(database: Database, options: PartitionsOptions): Promise<string[]> {
  const { table, period_ms, now_ms, ahead } = options;
  const floor = (ms: number) => Math.floor(ms / period_ms) * period_ms;
  const end_ms = floor(now_ms) + (ahead + 1) * period_ms;
  const coveredUntil = async (from: Sql) => (await listPartitions(from, table)).at(-1)?.to_ms ?? 0;
  if ((await coveredUntil(database)) >= end_ms) return [];
  return alone(database, table, async (sql) => {
    const made: string[] = [];
    for (let from_ms = Math.max(await coveredUntil(sql), floor(now_ms)); from_ms < end_ms; ) {
      // Up to a whole period, also where the periods used to be others.
      const to_ms = floor(from_ms) + period_ms;
      made.push(await make(sql, table, from_ms, to_ms));
      from_ms = to_ms;
    }
    return made;
  });
}

/**
 * Drops old partitions, oldest first, and answers their names. One that is in use, perhaps by a prepared transaction, is
 * left with those after it for another time; so is everything when another replica is at it.
 */
export async function dropPartitionsBefore(database: Database, options: DropOptions): Promise<string[]> {
  const { table, before_ms, mayDrop = async () => true, closing } = options;
  const isClosed = ({ closed_ms = Number.POSITIVE_INFINITY }: Partition) =>
    !closing || closed_ms <= closing.now_ms - closing.margin_ms;
  const dropped: string[] = [];
  const old = (await listPartitions(database, table)).filter(({ to_ms }) => to_ms <= before_ms);
  for (const partition of old) {
    try {
      const done = await alone(database, table, async (sql) => {
        if (!(await mayDrop(sql, partition))) return [];
        if (closing && partition.closed_ms === undefined) await close(sql, partition, closing.now_ms);
        if (!isClosed(partition)) return [];
        await sql.query(`DROP TABLE IF EXISTS ${partition.name}`);
        return [partition.name];
      });
      dropped.push(...done);
    } catch (error) {
      if (sqlState(error) === lockTimeout) break;
      throw error;
    }
  }
  return dropped;
}

/** The mark goes with the partition, and locks nobody out. */
async function close(sql: Sql, { name }: Partition, now_ms: number): Promise<void> {
  await sql.query(`COMMENT ON TABLE ${name} IS 'closed ${new Date(now_ms).toISOString()}'`);
}

const lockTimeout = '55P03';
const lockTimeout_ms = 100;
const statementTimeout_ms = 2000;

/** The work in a transaction which only one replica is in at a time; the others do nothing. */
function alone(database: Database, table: string, work: (sql: Sql) => Promise<string[]>): Promise<string[]> {
  if (!/^[a-z_]+$/.test(table)) throw new TypeError(`not a table's name: ${table}`);
  return database.transaction(async (sql) => {
    const { rows } = await sql.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('partitions ' || $1::regclass::oid, 0)) AS mine`,
      [table],
    );
    if (!rows[0]?.mine) return [];
    await sql.query(`SET LOCAL lock_timeout = ${lockTimeout_ms}; SET LOCAL statement_timeout = ${statementTimeout_ms}`);
    return work(sql);
  });
}

/** Makes it on its own, since attaching lets others go on writing to the table, and CREATE ... PARTITION OF doesn't. */
async function make(sql: Sql, table: string, from_ms: number, to_ms: number): Promise<string> {
  const name = `${table}_${new Date(from_ms).toISOString().replace(/\D/g, '').slice(0, 12)}`;
  const rest = `${table}_default`;
  const { rows } = await sql.query<{ key: string; storage: string | null }>(
    `SELECT pg_get_partkeydef(p.oid) AS key, array_to_string(d.reloptions, ', ') AS storage
    FROM pg_class p, pg_class d WHERE p.oid = $1::regclass AND d.oid = $2::regclass`,
    [table, rest],
  );
  const key = rows[0]!.key.replace(/^RANGE /, '');
  const storage = rows[0]!.storage ? `WITH (${rows[0]!.storage})` : '';
  const [from, to] = [uuidAt(from_ms), uuidAt(to_ms)];
  await sql.query(`CREATE TABLE ${name} (LIKE ${rest} INCLUDING ALL) ${storage}`);
  // What came while there was no partition for it.
  await sql.query(`LOCK TABLE ${rest} IN ACCESS EXCLUSIVE MODE`);
  await sql.query(
    `WITH moved AS (DELETE FROM ${rest} WHERE ${key} >= ('${from}') AND ${key} < ('${to}') RETURNING *)
    INSERT INTO ${name} SELECT * FROM moved`,
  );
  await sql.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
  return name;
}

function timeOf(uuid = ''): number {
  return Number.parseInt(uuid.replace('-', ''), 16);
}
