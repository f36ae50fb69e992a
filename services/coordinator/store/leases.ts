// Who is alive, and who takes over from those that are not. What fences a coordinator locks its row FOR UPDATE first, and so waits
// for what that one is just writing, which locks it FOR KEY SHARE. A renewal waits for neither.
import type { Database } from '@assent/postgres';
import { columns, fromRow, type LoggedTransaction, type Row, recordVersion } from './schema.ts';

export interface Peer {
  readonly name: string;
  /** Host and port at which other coordinators reach it. */
  readonly address: string;
}

/** Starts a lease. Returns its epoch. */
export async function register(database: Database, { name, address }: Peer, lease_ms: number): Promise<bigint> {
  const { rows } = await database.query<{ epoch: bigint }>(
    `INSERT INTO coordinators (name, address, lease_until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
     RETURNING epoch`,
    [name, address, lease_ms],
  );
  return (rows[0] as { epoch: bigint }).epoch;
}

/** Prolongs a lease; false when it is fenced. */
export async function renew(database: Database, epoch: bigint, lease_ms: number): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE coordinators SET lease_until = now() + $2 * interval '1 millisecond' WHERE epoch = $1 AND NOT fenced`,
    [epoch, lease_ms],
  );
  return rowCount === 1;
}

/** Gives a lease up, so that peers take its transactions over at once. Waits for what it is just writing. */
export async function fence(database: Database, epoch: bigint): Promise<void> {
  await database.query(
    `UPDATE coordinators SET fenced = true, lease_until = now() WHERE epoch IN (
       SELECT epoch FROM coordinators WHERE epoch = $1 FOR UPDATE)`,
    [epoch],
  );
}

/** Fences whoever let its lease run out. One that is just writing its last batch is passed over until it has. */
export async function fenceExpired(database: Database): Promise<void> {
  await database.query(
    `UPDATE coordinators SET fenced = true WHERE epoch IN (
       SELECT epoch FROM coordinators WHERE lease_until < now() AND NOT fenced FOR UPDATE SKIP LOCKED)`,
  );
}

/**
 * Takes over up to `limit` transactions of those that are fenced. What another coordinator is just claiming is passed over,
 * and what a newer one has written is left to its kind.
 */
export async function claim(database: Database, epoch: bigint, limit: number): Promise<LoggedTransaction[]> {
  const { rows } = await database.query<Row>(
    `UPDATE transactions t SET owner = $1
     WHERE t.transaction_id IN (
       SELECT o.transaction_id FROM coordinators c CROSS JOIN LATERAL (
         SELECT transaction_id FROM transactions
         WHERE owner = c.epoch AND ended_at IS NULL AND parked_at IS NULL AND version <= $3
         ORDER BY transaction_id LIMIT $2 FOR UPDATE SKIP LOCKED) AS o
       WHERE c.fenced LIMIT $2)
     AND EXISTS (SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced)
     RETURNING ${columns}`,
    [epoch, limit, recordVersion],
  );
  return rows.map(fromRow);
}

/**
 * The ids of what a coordinator has open. Going by the index, and often, it also clears the index of what has ended since:
 * otherwise the first takeover would have to.
 */
export async function openOf(database: Database, epoch: bigint, limit: number): Promise<Set<string>> {
  const { rows } = await database.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM transactions WHERE owner = $1 AND ended_at IS NULL AND parked_at IS NULL
     ORDER BY transaction_id LIMIT $2`,
    [epoch, limit],
  );
  return new Set(rows.map(({ transaction_id }) => transaction_id));
}

/** Forgets incarnations that were fenced long ago and have nothing left to take over. */
export async function forget(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM coordinators c WHERE fenced AND lease_until < now() - interval '1 hour' AND NOT EXISTS (
       SELECT FROM transactions t WHERE t.owner = c.epoch AND t.ended_at IS NULL AND t.parked_at IS NULL)`,
  );
}

/** Where a coordinator is reached; '' when it is fenced or forgotten. */
export async function addressOf(database: Database, epoch: bigint): Promise<string> {
  const { rows } = await database.query<{ address: string }>(
    'SELECT address FROM coordinators WHERE epoch = $1 AND NOT fenced',
    [epoch],
  );
  return rows[0]?.address ?? '';
}
