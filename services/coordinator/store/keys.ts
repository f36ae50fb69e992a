// What the shards of the log know of each other: which is which, and keys of transactions in other shards.
import { type Database, uuidAt } from '@assent/postgres';

const deleteBatch = 1000;

/** Makes a database that has never been used the shard `number`. Returns which it is. */
export async function becomeShard(database: Database, number: number): Promise<number> {
  const { rows } = await database.query<{ number: number }>(
    'INSERT INTO shard (number) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET number = shard.number RETURNING number',
    [number],
  );
  return (rows[0] as { number: number }).number;
}

/**
 * Claims keys for transactions of another shard, unless they are taken.
 * @param claims the transactions' ids by key
 * @returns the id of the transaction that has the key, by key
 */
export async function claimKeys(
  database: Database,
  claims: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  // The update changes nothing: it is how an upsert returns a row that is there.
  const { rows } = await database.query<{ key: string; transaction_id: string }>(
    `INSERT INTO idempotency_keys (key, transaction_id, is_elsewhere)
     SELECT key, id, true FROM unnest($1::text[], $2::uuid[]) AS claims (key, id) ORDER BY key
     ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, transaction_id`,
    [[...claims.keys()], [...claims.values()]],
  );
  return new Map(rows.map(({ key, transaction_id }) => [key, transaction_id]));
}

/** Deletes some keys of transactions of other shards that are older. Returns how many. */
export async function deleteKeysElsewhere(database: Database, before_ms: number): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM idempotency_keys WHERE key IN (
       SELECT key FROM idempotency_keys WHERE is_elsewhere AND transaction_id < $1
       ORDER BY transaction_id LIMIT ${deleteBatch} FOR UPDATE SKIP LOCKED)`,
    [uuidAt(before_ms)],
  );
  return rowCount;
}
