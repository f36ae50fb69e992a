// What callers of a transaction wait for, and what they are told.
import { RpcError } from '@assent/rpc';
import type { Rejection, State, Transaction } from '@assent/transactions/protocol';

export type Milestone = 'DECIDED' | 'APPLIED';

export interface Answer {
  readonly transactionId: string;
  readonly state: State;
  readonly rejection?: Rejection;
}

/** Undefined is for one whose idempotency key turns out to belong to another transaction. */
export interface Waiter {
  readonly milestone: Milestone;
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Whether a transaction in this state has passed the milestone. */
export function hasReached(state: State, milestone: Milestone): boolean {
  return state === 'COMMITTED' || state === 'ABORTED' || (milestone === 'DECIDED' && state !== 'RUNNING');
}

export function answerOf({ id, transaction }: { readonly id: string; readonly transaction: Transaction }): Answer {
  const { state, rejection } = transaction;
  return { transactionId: id, state: state ?? 'RUNNING', ...(rejection && { rejection }) };
}

/** Asking again with the same idempotency key finds the coordinator that owns the transaction now. */
export function movedError(): RpcError {
  const message = 'another coordinator takes over this transaction: ask again with the same idempotency key';
  return new RpcError('UNAVAILABLE', message, { reason: 'MOVED', retryDelay_ms: 50 });
}

export function keyReused(): RpcError {
  const message = 'the idempotency key was used for another transaction';
  return new RpcError('ALREADY_EXISTS', message, { reason: 'IDEMPOTENCY_KEY_REUSED' });
}
