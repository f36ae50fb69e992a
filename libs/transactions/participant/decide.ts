// The barrier's rules: what is to be done about an operation, given what the barrier knows of its branch. Pure.
import { isFirst, type Operation } from '../protocol/index.ts';

/** What became of an operation for good. */
export type Verdict =
  /** It has taken effect, now or earlier. The result is JSON, '' without one. Read-only: a PREPARE with nothing to commit. */
  | { readonly type: 'done'; readonly result: string; readonly readOnly?: true }
  /** The business's no to a first phase; or a ROLLBACK that comes too late. */
  | { readonly type: 'rejected'; readonly code: string; readonly message: string };

/** COMMIT has no barrier row: it is the database that commits a prepared transaction once. */
export type BarrierOperation = Exclude<Operation, 'COMMIT'>;

/** A row of the barrier: which phase of a branch, and what became of it. */
export interface Claim {
  readonly phase: 1 | 2;
  readonly outcome: FirstPhase['outcome'];
}

const firstPhase: Claim = { phase: 1, outcome: 'done' };
/** An undo keeps a first phase out that hasn't come yet. */
const blockedFirstPhase: Claim = { phase: 1, outcome: 'blocked' };
const secondPhase: Claim = { phase: 2, outcome: 'done' };

/**
 * The rows that an operation puts into the barrier where there are none yet, its own phase last. They stay only if what
 * is decided then succeeds, in the same database transaction.
 */
export function claimsOf(operation: BarrierOperation): readonly Claim[] {
  return isFirst(operation) || operation === 'DELIVER' ? [firstPhase] : [blockedFirstPhase, secondPhase];
}

/** A branch's first phase as the barrier has it. Blocked: its second phase came before it. */
export type FirstPhase =
  | { readonly outcome: 'done'; readonly result: string }
  | { readonly outcome: 'rejected'; readonly code: string; readonly message: string }
  | { readonly outcome: 'blocked' };

/** What the barrier answers to a claim. */
export interface Found {
  /** The operation's phase was free and is now the caller's. */
  readonly claimed: boolean;
  /** After the claim: a claimed first phase is done, and a second phase has blocked a first one that never came. */
  readonly first: FirstPhase;
}

/** Run the handler, or answer without it; or undo the claim and fail, because what is asked must never be. */
export type Decision = { readonly type: 'run' } | Verdict | { readonly type: 'refuse'; readonly message: string };

const done: Verdict = { type: 'done', result: '' };
const committed: Verdict = { type: 'rejected', code: 'COMMITTED', message: 'the branch is committed' };

export function decide(operation: 'ROLLBACK', found: Found): Verdict;
export function decide(operation: BarrierOperation, found: Found): Decision;
export function decide(operation: BarrierOperation, { claimed, first }: Found): Decision {
  switch (operation) {
    case 'ACTION':
    case 'TRY':
    case 'PREPARE':
    case 'COMMIT_ONE_PHASE':
    case 'DELIVER':
      return claimed ? { type: 'run' } : recorded(first);
    case 'COMPENSATE':
    case 'CANCEL':
      // Only what has been done can be undone. The rest is a null compensation.
      return claimed && first.outcome === 'done' ? { type: 'run' } : done;
    case 'CONFIRM':
      if (!claimed) return done;
      return first.outcome === 'done' ? { type: 'run' } : refuse(`CONFIRM of a branch whose TRY is ${first.outcome}`);
    case 'ROLLBACK':
      // By now nothing of it is prepared. If it is done, then because it is committed.
      return first.outcome === 'done' ? committed : done;
  }
}

/** The answer to a first phase that isn't new. */
function recorded(first: FirstPhase): Verdict {
  switch (first.outcome) {
    case 'done':
      return { type: 'done', result: first.result };
    case 'rejected':
      return { type: 'rejected', code: first.code, message: first.message };
    case 'blocked':
      return { type: 'rejected', code: 'ABORTED', message: 'the branch was undone before it was done' };
  }
}

/** What a coordinator says of a transaction, as GetDecisions has it. */
export type Word = 'DECISION_UNSPECIFIED' | 'UNDECIDED' | 'COMMIT' | 'ABORT' | 'UNKNOWN';

/** What is to be done about a branch that is in doubt; undefined means to wait. */
export function endOf(word: Word | undefined): 'COMMIT' | 'ROLLBACK' | undefined {
  switch (word) {
    case 'COMMIT':
      return 'COMMIT';
    case 'ABORT':
    // It is not in the log, and who had it prepared is fenced: it never will be.
    case 'UNKNOWN':
      return 'ROLLBACK';
    case 'UNDECIDED':
    // Newer coordinators may have other words.
    case 'DECISION_UNSPECIFIED':
    case undefined:
      return undefined;
  }
}

function refuse(message: string): Decision {
  return { type: 'refuse', message };
}
