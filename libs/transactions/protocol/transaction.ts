// A transaction as its coordinator sees it. Nothing here does I/O or looks at a clock.
import type { Branch } from './definition.ts';
import { isOnePhase, type Operation, operationIn } from './operation.ts';
import type { Fault } from './retry.ts';

/** What the log holds. COMMITTING and ABORTING are decided; COMMITTED and ABORTED have nothing left to do. */
export type State = 'RUNNING' | 'COMMITTING' | 'ABORTING' | 'COMMITTED' | 'ABORTED';

/** Why the business said no. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
}

/** How far a branch is in the phase that its transaction is in. */
export type Progress =
  | { readonly type: 'WAITING' }
  /** `faults`: how many attempts have failed for good reasons. */
  | { readonly type: 'SENT'; readonly attempt: number; readonly faults: number }
  | { readonly type: 'SETTLED' }
  | { readonly type: 'REJECTED' }
  /** It has failed for good reasons more often than it may: a person must look at it. */
  | { readonly type: 'STUCK'; readonly attempt: number; readonly fault: Fault }
  /** Has no second phase: it voted read-only, or an operator has skipped it. */
  | { readonly type: 'OMITTED' };

/** A branch that keeps its transaction from ending. */
export interface Stuck {
  readonly branch: number;
  readonly operation: Operation;
  readonly attempts: number;
  readonly fault: Fault;
}

/** What is written to the log beside a state. */
export interface StateRecord {
  readonly state: Exclude<State, 'RUNNING'>;
  readonly rejection?: Rejection;
  /** Results of first phases by branch name, for the branches that run after the decision. */
  readonly results: Results;
  /** Branches without a second phase. */
  readonly omitted: readonly number[];
  /** Parks the transaction: nobody drives it until an operator acts. */
  readonly stuck?: readonly Stuck[];
}

export type Results = Readonly<Record<string, string>>;

export interface Transaction {
  readonly branches: readonly Branch[];
  /** The last state known to be durable; undefined until the transaction has begun. */
  readonly state?: State;
  /** The record that is on its way into the log. Until it's durable nothing that follows from it is sent. */
  readonly pending?: StateRecord;
  /** One for each branch. */
  readonly progress: readonly Progress[];
  readonly results: Results;
  readonly rejection?: Rejection;
  /** One-phase only: past its deadline, it asks its participant to give up instead. */
  readonly givingUp?: true;
  /** Nobody drives it here any more: it waits for an operator. */
  readonly parked?: true;
  /** The log doesn't have it and never will: it is undone, and forgotten. */
  readonly unlogged?: true;
  /** It was read from the log: what its former owner has sent isn't known. */
  readonly recovered?: true;
}

/** The operation that a branch is asked for in a state; undefined where it has nothing to do. */
export function operationOf(transaction: Transaction, branch: number, state: State): Operation | undefined {
  const { kind } = transaction.branches[branch] as Branch;
  switch (state) {
    case 'RUNNING':
      if (!isOnePhase(transaction.branches)) return operationIn(kind, 'FIRST');
      return transaction.givingUp ? 'ROLLBACK' : 'COMMIT_ONE_PHASE';
    case 'COMMITTING':
      return isOnePhase(transaction.branches) ? undefined : operationIn(kind, 'COMMIT');
    case 'ABORTING':
      return isOnePhase(transaction.branches) ? undefined : operationIn(kind, 'ABORT');
    case 'COMMITTED':
    case 'ABORTED':
      return undefined;
  }
}

/**
 * What those in doubt are told of a transaction [U2].
 * @param state what the log has; undefined when it doesn't have the transaction
 * @param isFenced whether the coordinator that had it prepared can't bring it into the log any more
 */
export function decisionOf(state: State | undefined, isFenced: boolean): 'COMMIT' | 'ABORT' | 'UNDECIDED' | 'UNKNOWN' {
  switch (state) {
    case 'COMMITTING':
    case 'COMMITTED':
      return 'COMMIT';
    case 'ABORTING':
    case 'ABORTED':
      return 'ABORT';
    case undefined:
      return isFenced ? 'UNKNOWN' : 'UNDECIDED';
    // Newer coordinators may know other states.
    default:
      return 'UNDECIDED';
  }
}

/** The results that a branch gets: those of the branches right before it. */
export function inputsOf(transaction: Transaction, branch: number): Results {
  const inputs: Record<string, string> = {};
  for (const name of transaction.branches[branch]?.after ?? []) {
    const result = transaction.results[name];
    if (result !== undefined) inputs[name] = result;
  }
  return inputs;
}

/** A transaction that isn't in the log yet, or (with `recorded`, what its decision recorded) one that was read from it. */
export function newTransaction(
  branches: readonly Branch[],
  recorded?: { results?: Results; rejection?: Rejection; omitted?: readonly number[] },
): Transaction {
  const { omitted = [], results = {}, rejection } = recorded ?? {};
  return {
    branches,
    progress: branches.map((_, index) => ({ type: omitted.includes(index) ? 'OMITTED' : 'WAITING' })),
    results,
    ...(rejection && { rejection }),
    ...(recorded && { recovered: true }),
  };
}
