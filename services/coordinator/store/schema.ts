// What the log has of a transaction, and how it is read.
import type { Branch, Rejection, Results, State, Stuck } from '@assent/transactions/protocol';

/**
 * Of the records that this coordinator writes. One of a newer version has come from a coordinator that knows more: it is
 * shown as far as it can be, and left to those who understand it.
 */
export const recordVersion = 1;

/** A transaction as the log has it. */
export interface LoggedTransaction {
  readonly transactionId: string;
  readonly version: number;
  readonly state: State;
  /** 0 while it is parked. */
  readonly owner: bigint;
  readonly fingerprint: string;
  readonly branches: readonly Branch[];
  readonly results: Results;
  readonly omitted: readonly number[];
  readonly stuck: readonly Stuck[];
  readonly rejection?: Rejection;
  readonly traceparent: string;
  readonly createdAt: Date;
  readonly deadline: Date;
  readonly decidedAt?: Date;
  readonly parkedAt?: Date;
  readonly endedAt?: Date;
  /** Until the deadline, by the database's clock; negative when it has passed. */
  readonly left_ms: number;
}

/** Of `transactions t`. */
export const columns = `t.transaction_id, t.version, t.state, t.owner, t.fingerprint, t.branches, t.results, t.omitted, t.stuck,
  t.rejection_code, t.rejection_message, t.traceparent, t.created_at, t.deadline, t.decided_at, t.parked_at, t.ended_at,
  extract(epoch FROM t.deadline - now())::float8 * 1000 AS left_ms`;

export interface Row {
  transaction_id: string;
  version: number;
  state: State;
  owner: bigint;
  fingerprint: string;
  branches: Branch[];
  results: Results | null;
  omitted: number[] | null;
  stuck: Stuck[] | null;
  rejection_code: string | null;
  rejection_message: string | null;
  traceparent: string;
  created_at: Date;
  deadline: Date;
  decided_at: Date | null;
  parked_at: Date | null;
  ended_at: Date | null;
  left_ms: number;
}

export function fromRow(row: Row): LoggedTransaction {
  const { rejection_code: code, rejection_message: message } = row;
  return {
    transactionId: row.transaction_id,
    version: row.version,
    state: row.state,
    owner: row.owner,
    fingerprint: row.fingerprint,
    branches: row.branches,
    results: row.results ?? {},
    omitted: row.omitted ?? [],
    stuck: row.stuck ?? [],
    ...(code !== null && { rejection: { code, message: message ?? '' } }),
    traceparent: row.traceparent,
    createdAt: row.created_at,
    deadline: row.deadline,
    ...(row.decided_at && { decidedAt: row.decided_at }),
    ...(row.parked_at && { parkedAt: row.parked_at }),
    ...(row.ended_at && { endedAt: row.ended_at }),
    left_ms: row.left_ms,
  };
}
