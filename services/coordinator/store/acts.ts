// What operators do, and its audit.
import type { Database } from '@assent/postgres';
import type { Rejection, State } from '@assent/transactions/protocol';
import { columns, fromRow, type LoggedTransaction, type Row, recordVersion } from './schema.ts';

/** What a person did about a transaction. */
export interface Act {
  readonly act: 'RETRY' | 'SKIP' | 'ABORT' | 'RESOLVE';
  readonly operator: string;
  readonly reason: string;
  readonly force: boolean;
  /** Of SKIP: the branch. Of RESOLVE: COMMIT or ABORT. */
  readonly detail: string;
}

export interface ActChange {
  readonly state: State;
  readonly omitted: readonly number[];
  /** Null for none, absent to leave it as it is. */
  readonly rejection?: Rejection | null;
  readonly expires?: true;
}

/**
 * Takes one transaction over with a change, and notes who did it and why. Undefined when the transaction is no longer as
 * `found`, or this coordinator is fenced: then nothing has happened.
 */
export async function perform(
  database: Database,
  epoch: bigint,
  found: LoggedTransaction,
  { state, omitted, rejection, expires }: ActChange,
  { act, operator, reason, force, detail }: Act,
): Promise<LoggedTransaction | undefined> {
  const { rows } = await database.query<Row>(statement, [
    epoch,
    found.transactionId,
    found.state,
    found.owner,
    found.parkedAt !== undefined,
    JSON.stringify(found.omitted),
    recordVersion,
    state,
    omitted.length > 0 ? JSON.stringify(omitted) : null,
    rejection === undefined,
    rejection?.code ?? null,
    rejection?.message ?? null,
    expires === true,
    act,
    operator,
    reason,
    force,
    detail,
  ]);
  return rows[0] && fromRow(rows[0]);
}

const statement = `
  WITH owner AS (
    SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced FOR KEY SHARE
  ), changed AS (
    UPDATE transactions t
    SET version = $7, state = $8, owner = $1, omitted = $9::json, stuck = NULL, parked_at = NULL,
      rejection_code = CASE WHEN $10 THEN t.rejection_code ELSE $11 END,
      rejection_message = CASE WHEN $10 THEN t.rejection_message ELSE $12 END,
      deadline = CASE WHEN $13 THEN least(t.deadline, now()) ELSE t.deadline END,
      decided_at = CASE WHEN $8 = 'RUNNING' THEN t.decided_at ELSE coalesce(t.decided_at, now()) END,
      ended_at = CASE WHEN $8 IN ('COMMITTED', 'ABORTED') THEN now() END
    FROM owner
    WHERE t.transaction_id = $2 AND t.state = $3 AND t.owner = $4 AND (t.parked_at IS NOT NULL) = $5
      AND coalesce(t.omitted::jsonb, '[]') = $6::jsonb AND t.version <= $7 AND t.ended_at IS NULL
    RETURNING ${columns}
  ), noted AS (
    INSERT INTO acts (transaction_id, act, operator, reason, force, detail)
    SELECT transaction_id, $14, $15, $16, $17, $18 FROM changed
  )
  SELECT * FROM changed`;

/** Oldest first. */
export async function actsOf(database: Database, transactionId: string): Promise<(Act & { readonly at: Date })[]> {
  const { rows } = await database.query<Act & { at: Date }>(
    'SELECT act, operator, reason, force, detail, at FROM acts WHERE transaction_id = $1 ORDER BY act_id LIMIT 1000',
    [transactionId],
  );
  return rows;
}
