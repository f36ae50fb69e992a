// Partitions of the log. Statements that change tables give up soon when they don't get their locks, because all others
// queue behind them; the next round tries again.
import type { Database, Sql } from '@assent/postgres';
import { lowestId, type Partition, timeOf } from '../partitions.ts';

const lockTimeout_ms = 200;
const keysBatch = 1000;

/** All but the default, and what the time is by the database's clock. */
export async function partitions(database: Sql): Promise<{ existing: Partition[]; now_ms: number }> {
  const { rows } = await database.query<{ name: string | null; bound: string | null; now_ms: number }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, extract(epoch FROM now())::float8 * 1000 AS now_ms
     FROM (VALUES ('transactions'::regclass)) AS parent (oid)
     LEFT JOIN pg_inherits i ON i.inhparent = parent.oid
     LEFT JOIN pg_class c ON c.oid = i.inhrelid`,
    [],
  );
  const existing = rows.flatMap(({ name, bound }) => {
    const [, from, to] = /FROM \('(.+)'\) TO \('(.+)'\)/.exec(bound ?? '') ?? [];
    return name && from && to ? [{ name, from_ms: timeOf(from), to_ms: timeOf(to) }] : [];
  });
  return { existing, now_ms: rows[0]?.now_ms ?? Number.NaN };
}

/** Makes a partition, with what the default one holds of it: coordinators whose clocks are ahead may have been there. */
export async function makePartition(database: Database, partition: Partition): Promise<void> {
  const { name } = partition;
  const [from, to] = [lowestId(partition.from_ms), lowestId(partition.to_ms)];
  await database.transaction(async (sql) => {
    await changeTables(sql);
    await sql.query('LOCK TABLE transactions_default IN ACCESS EXCLUSIVE MODE');
    // A decision is an update in place, with room on the page. Vacuum must not wait for a fifth of a day's transactions.
    await sql.query(
      `CREATE TABLE ${name} (LIKE transactions INCLUDING CONSTRAINTS)
       WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000)`,
    );
    await sql.query(
      `WITH moved AS (DELETE FROM transactions_default WHERE transaction_id >= $1 AND transaction_id < $2 RETURNING *)
       INSERT INTO ${name} SELECT * FROM moved`,
      [from, to],
    );
    await sql.query(`ALTER TABLE transactions ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
  });
}

/** Drops a partition unless something in it is open or parked; whether it did. Its keys must be gone before. */
export async function dropPartition(database: Database, { name }: Partition): Promise<boolean> {
  if (await holdsOpen(database, name)) return false;
  return database.transaction(async (sql) => {
    await changeTables(sql);
    await sql.query('LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE');
    if (await holdsOpen(sql, name)) return false;
    await sql.query(`DROP TABLE ${name}`);
    return true;
  });
}

/** Whether something in the partition isn't at its end. */
export async function holdsOpen(sql: Sql, name: string): Promise<boolean> {
  const { rows } = await sql.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT FROM ${name} WHERE ended_at IS NULL AND parked_at IS NULL)
       OR EXISTS (SELECT FROM ${name} WHERE ended_at IS NULL AND parked_at IS NOT NULL) AS open`,
  );
  return rows[0]?.open ?? true;
}

/** Deletes the idempotency keys of some of a partition's transactions, those after `after`. Returns the last one, if there was any. */
export async function deleteKeys(database: Database, { name }: Partition, after: string): Promise<string | undefined> {
  const { rows } = await database.query<{ last: string }>(
    `WITH batch AS (
       SELECT transaction_id, idempotency_key FROM ${name} WHERE transaction_id > $1 ORDER BY transaction_id LIMIT ${keysBatch}
     ), deleted AS (
       DELETE FROM idempotency_keys k USING batch b WHERE k.key = b.idempotency_key AND k.transaction_id = b.transaction_id
     )
     SELECT transaction_id AS last FROM batch ORDER BY transaction_id DESC LIMIT 1`,
    [after],
  );
  return rows[0]?.last;
}

/** Deletes some of those that have ended in the default partition, where only a wrong clock puts any. Returns how many. */
export async function deleteStrays(database: Database, before_ms: number): Promise<number> {
  const { rowCount } = await database.query(
    `WITH stray AS (
       DELETE FROM transactions_default WHERE transaction_id IN (
         SELECT transaction_id FROM transactions_default WHERE transaction_id < $1 AND ended_at IS NOT NULL
         ORDER BY transaction_id LIMIT ${keysBatch} FOR UPDATE SKIP LOCKED)
       RETURNING transaction_id, idempotency_key
     ), deleted AS (
       DELETE FROM idempotency_keys k USING stray s WHERE k.key = s.idempotency_key AND k.transaction_id = s.transaction_id
     )
     SELECT FROM stray`,
    [lowestId(before_ms)],
  );
  return rowCount;
}

/** Does the work unless another coordinator is just doing such work. */
export async function alone(database: Database, work: () => Promise<void>): Promise<void> {
  await database.connection(async (sql) => {
    const { rows } = await sql.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('transactions')) AS locked`,
    );
    if (!rows[0]?.locked) return;
    try {
      await work();
    } finally {
      await sql.query(`SELECT pg_advisory_unlock(hashtext('transactions'))`);
    }
  });
}

async function changeTables(sql: Sql): Promise<void> {
  await sql.query(`SET LOCAL lock_timeout = ${lockTimeout_ms}`);
}
