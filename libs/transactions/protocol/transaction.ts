// A transaction as its coordinator sees it. Nothing here does I/O or looks at a clock.
import type { Branch, Kind } from './definition.ts';

export type Operation =
  | 'ACTION'
  | 'COMPENSATE'
  | 'TRY'
  | 'CONFIRM'
  | 'CANCEL'
  | 'PREPARE'
  | 'COMMIT'
  | 'ROLLBACK'
  | 'DELIVER';

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
  | { readonly type: 'SENT'; readonly attempt: number }
  | { readonly type: 'SETTLED' }
  | { readonly type: 'REJECTED' };

/** A state that is being written to the log, with what is written beside it. */
export interface StateRecord {
  readonly state: Exclude<State, 'RUNNING'>;
  readonly rejection?: Rejection;
  /** Results of first phases by branch name, for the branches that run after the decision. */
  readonly results: Results;
}

export type Results = Readonly<Record<string, string>>;

export interface Transaction {
  readonly branches: readonly Branch[];
  /** The last state known to be durable; undefined until the begin is. */
  readonly state?: State;
  /** The decision that is on its way into the log. Until it's durable nothing that follows from it is sent. */
  readonly pending?: StateRecord;
  /** One for each branch. */
  readonly progress: readonly Progress[];
  readonly results: Results;
  readonly rejection?: Rejection;
}

/** The operation that a kind of branch is asked for in a state; undefined where it has nothing to do. */
export function operationOf(kind: Kind, state: State): Operation | undefined {
  switch (state) {
    case 'RUNNING':
      return operations[kind].first;
    case 'COMMITTING':
      return operations[kind].commit;
    case 'ABORTING':
      return operations[kind].abort;
    case 'COMMITTED':
    case 'ABORTED':
      return undefined;
  }
}

const operations: Record<Kind, { first?: Operation; commit?: Operation; abort?: Operation }> = {
  COMPENSATABLE: { first: 'ACTION', abort: 'COMPENSATE' },
  RESERVED: { first: 'TRY', commit: 'CONFIRM', abort: 'CANCEL' },
  PREPARED: { first: 'PREPARE', commit: 'COMMIT', abort: 'ROLLBACK' },
  RETRIABLE: { commit: 'DELIVER' },
};

/** The results that a branch gets: those of the branches right before it. */
export function inputsOf(transaction: Transaction, branch: number): Results {
  const inputs: Record<string, string> = {};
  for (const name of transaction.branches[branch]?.after ?? []) {
    const result = transaction.results[name];
    if (result !== undefined) inputs[name] = result;
  }
  return inputs;
}

/** A transaction that isn't in the log yet, or (with what its decision recorded) one that was read from it. */
export function newTransaction(
  branches: readonly Branch[],
  recorded: { results?: Results; rejection?: Rejection } = {},
): Transaction {
  return { branches, progress: branches.map(() => ({ type: 'WAITING' })), results: {}, ...recorded };
}
