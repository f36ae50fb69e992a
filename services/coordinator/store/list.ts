// Lists of transactions, with filters.
import type { Database } from '@assent/postgres';
import type { Kind, State } from '@assent/transactions/protocol';
import { columns, fromRow, type LoggedTransaction, type Row } from './schema.ts';

export interface ListOptions {
  readonly state?: State | 'PARKED';
  /** Those whose ids are smaller: they were made earlier. */
  readonly before?: string;
  /** Those with a branch of this kind. */
  readonly kind?: Kind;
  /** Those with a branch of this participant. */
  readonly participant?: string;
  readonly limit: number;
  /** Cancels it: it may have to read back a long way. */
  readonly signal?: AbortSignal;
}

/**
 * Newest first. What is parked or not ended yet is found by indexes that hold nothing else; the rest by reading back from
 * the newest.
 */
export async function list(database: Database, options: ListOptions): Promise<LoggedTransaction[]> {
  const { state, before, kind, participant, limit, signal } = options;
  const values: unknown[] = [];
  const value = (one: unknown) => `$${values.push(one)}`;
  const conditions = [
    ...(state === undefined ? [] : conditionsOf(state)),
    ...(before === undefined ? [] : [`t.transaction_id < ${value(before)}`]),
    ...(kind === undefined ? [] : [`${anyBranch}->>'kind' = ${value(kind)})`]),
    ...(participant === undefined ? [] : [`${anyBranch}->>'participant' = ${value(participant)})`]),
  ];
  const { rows } = await database.until(signal).query<Row>(
    `SELECT ${columns} FROM transactions t WHERE ${conditions.join(' AND ') || 'true'}
     ORDER BY t.transaction_id DESC LIMIT ${value(limit)}`,
    values,
  );
  return rows.map(fromRow);
}

const anyBranch = 'EXISTS (SELECT FROM json_array_elements(t.branches) AS branch WHERE branch';

/** The state is one of a few words, and no parameter, for the planner to see which index fits. */
function conditionsOf(state: State | 'PARKED'): string[] {
  switch (state) {
    case 'PARKED':
      return ['t.ended_at IS NULL', 't.parked_at IS NOT NULL'];
    case 'RUNNING':
    case 'COMMITTING':
    case 'ABORTING':
      return ['t.ended_at IS NULL', 't.parked_at IS NULL', `t.state = '${state}'`];
    case 'COMMITTED':
    case 'ABORTED':
      return ['t.ended_at IS NOT NULL', `t.state = '${state}'`];
  }
}
