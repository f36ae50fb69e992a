// Partitions of the log: made ahead, dropped with the keys of what was in them.
import {
  type Database,
  dropPartitionsBefore,
  ensurePartitions,
  listPartitions,
  type Partition,
  type Sql,
  uuidAt,
} from '@assent/postgres';

const table = 'transactions';
/** One more period than the one that is now. */
const ahead = 1;
const deleteBatch = 1000;

/** By the database's clock. */
export async function now(database: Database): Promise<number> {
  const { rows } = await database.query<{ now_ms: number }>(
    'SELECT extract(epoch FROM now())::float8 * 1000 AS now_ms',
    [],
  );
  return (rows[0] as { now_ms: number }).now_ms;
}

export async function makePartitions(database: Database, now_ms: number, period_ms: number): Promise<void> {
  await ensurePartitions(database, { table, period_ms, now_ms, ahead });
}

/** Those that end by then and have nothing in them that is open or parked. */
export async function endedPartitions(database: Database, before_ms: number): Promise<Partition[]> {
  const ended: Partition[] = [];
  for (const partition of await listPartitions(database, table)) {
    if (partition.to_ms <= before_ms && !(await holdsOpen(database, partition))) ended.push(partition);
  }
  return ended;
}

/** Drops those whose keys are gone. Returns their names. */
export function dropPartitions(database: Database, ended: readonly Partition[]): Promise<string[]> {
  const before_ms = Math.max(0, ...ended.map(({ to_ms }) => to_ms));
  const mayDrop = async (sql: Sql, partition: Partition) =>
    ended.some(({ name }) => name === partition.name) && !(await holdsOpen(sql, partition));
  return dropPartitionsBefore(database, { table, before_ms, mayDrop });
}

/**
 * Deletes the idempotency keys of some of a partition's transactions, those after `after`. Returns the last of them, if there
 * was any.
 */
export async function deleteKeys(database: Database, { name }: Partition, after: string): Promise<string | undefined> {
  const { rows } = await database.query<{ last: string }>(
    `WITH batch AS (
       SELECT transaction_id, idempotency_key FROM ${name} WHERE transaction_id > $1
       ORDER BY transaction_id LIMIT ${deleteBatch}
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
         ORDER BY transaction_id LIMIT ${deleteBatch} FOR UPDATE SKIP LOCKED)
       RETURNING transaction_id, idempotency_key
     ), deleted AS (
       DELETE FROM idempotency_keys k USING stray s WHERE k.key = s.idempotency_key AND k.transaction_id = s.transaction_id
     )
     SELECT FROM stray`,
    [uuidAt(before_ms)],
  );
  return rowCount;
}

/** Does the work unless another coordinator is just doing such work. */
export async function alone(database: Database, work: () => Promise<void>): Promise<void> {
  await database.connection(async (sql) => {
    const lock = `hashtextextended('retention of transactions', 0)`;
    const { rows } = await sql.query<{ isMine: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS "isMine"`);
    if (!rows[0]?.isMine) return;
    try {
      await work();
    } finally {
      await sql.query(`SELECT pg_advisory_unlock(${lock})`);
    }
  });
}

async function holdsOpen(sql: Sql, { name }: Partition): Promise<boolean> {
  const { rows } = await sql.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT FROM ${name} WHERE ended_at IS NULL AND parked_at IS NULL)
       OR EXISTS (SELECT FROM ${name} WHERE ended_at IS NULL AND parked_at IS NOT NULL) AS open`,
  );
  return rows[0]?.open ?? true;
}
