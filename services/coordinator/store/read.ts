import type { Database } from '@assent/postgres';
import type { State } from '@assent/transactions/protocol';
import { columns, fromRow, type LoggedTransaction, type Row } from './schema.ts';

export async function byKey(database: Database, key: string): Promise<LoggedTransaction | undefined> {
  const { rows } = await database.query<Row>(
    `SELECT ${columns} FROM idempotency_keys k JOIN transactions t USING (transaction_id) WHERE k.key = $1`,
    [key],
  );
  return rows[0] && fromRow(rows[0]);
}

export async function byIds(database: Database, transactionIds: readonly string[]): Promise<LoggedTransaction[]> {
  const { rows } = await database.query<Row>(`SELECT ${columns} FROM transactions t WHERE t.transaction_id = ANY($1)`, [
    transactionIds,
  ]);
  return rows.map(fromRow);
}

/** What the log says to somebody in doubt. */
export interface Standing {
  /** Undefined when the log doesn't have the transaction. */
  readonly state: State | undefined;
  /** Whether the coordinator that is named with it may still write it. */
  readonly isAlive: boolean;
}

/**
 * One for each id, with the epoch of the coordinator that had it prepared; null where it isn't known. In one statement, so
 * that one who is seen fenced is also seen with all that it has written.
 */
export async function standings(
  database: Database,
  transactionIds: readonly string[],
  epochs: readonly (bigint | null)[],
): Promise<Standing[]> {
  const { rows } = await database.query<{ state: State | null; is_alive: boolean }>(
    `SELECT t.state, asked.epoch IS NULL OR c.epoch IS NOT NULL AS is_alive
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked (id, epoch, place)
     LEFT JOIN transactions t ON t.transaction_id = asked.id
     LEFT JOIN coordinators c ON c.epoch = asked.epoch AND NOT c.fenced
     ORDER BY place`,
    [transactionIds, epochs],
  );
  return rows.map(({ state, is_alive }) => ({ state: state ?? undefined, isAlive: is_alive }));
}
