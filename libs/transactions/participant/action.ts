// What a service says about the branches that it can do.
import type { Sql } from '@assent/postgres';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The operations that a service does itself; COMMIT and ROLLBACK of a prepared branch are the library's. */
export type HandledOperation = 'ACTION' | 'COMPENSATE' | 'TRY' | 'CONFIRM' | 'CANCEL' | 'PREPARE' | 'DELIVER';

/** What became of one call: it has taken effect, or the business says no. Only ACTION, TRY and PREPARE can be rejected. */
export type Outcome =
  /**
   * `readOnly` of a PREPARE: there is nothing to commit, since the handler has written nothing (nor tried to); what it has
   * read is free for others to change at once, and it may be asked again. Other operations ignore it.
   */
  | { readonly type: 'done'; readonly result?: Json; readonly readOnly?: boolean }
  | { readonly type: 'rejected'; readonly code: string; readonly message: string };

/** One operation of one branch, as a handler sees it. */
export interface BranchCall<P> {
  /** A UUID. */
  readonly transactionId: string;
  readonly branch: number;
  readonly payload: P;
  /** Results of the branches that this one comes `after`, by branch name. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** With COMPENSATE and CANCEL: why the transaction aborted. */
  readonly cause?: { readonly code: string; readonly message: string };
}

/**
 * Does one operation for a batch of calls, each of another branch, inside one database transaction; one outcome for each
 * call, in the calls' order. A rejected call must have written nothing. What it throws rolls everything back, and the
 * calls are asked again: a batch of several first one by one, so that a bad call harms no other. It locks rows in a
 * fixed order, so that batches never wait for each other in a circle, and doesn't end the transaction itself.
 */
export type Handler<P> = (sql: Sql, calls: readonly BranchCall<P>[]) => Promise<readonly Outcome[]>;

export interface Action<P> {
  /** What coordinators call it. */
  readonly name: string;
  /** Checks a payload (null without one). What it throws rejects the branch with INVALID_ARGUMENT. */
  readonly parse: (payload: unknown) => P;
  readonly handlers: Readonly<Partial<Record<HandledOperation, Handler<P>>>>;
  /**
   * With several databases: in which of them the call's rows are, from 0; the first without it. It must say the same of a
   * payload for ever, also after databases have been added.
   */
  readonly shard?: (payload: P) => number;
}

/** An action whose payload's type is known to itself only. */
export type AnyAction = Action<unknown>;

/**
 * One action of a participant. PREPARE's handler does a call in the transaction that is then prepared, or, for branches
 * that are alone in their transactions (COMMIT_ONE_PHASE), a batch of them as ACTION's does. A PREPARE's result is lost
 * when its answer is, and so not for later branches to depend on. Second phases (COMPENSATE, CONFIRM, CANCEL) have no results.
 */
export function defineAction<P>(action: Action<P>): AnyAction {
  // Its handlers are given what its own parse returned, and nothing else.
  return action as unknown as AnyAction;
}
