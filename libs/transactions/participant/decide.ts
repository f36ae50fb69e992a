// The barrier's rules: what is to be done about an operation, given what the barrier knows of its branch. Pure.
import type { Operation } from '../protocol/index.ts';

/** What became of an operation for good. */
export type Verdict =
  /** It has taken effect, now or earlier. The result is JSON, '' without one. */
  | { readonly type: 'done'; readonly result: string }
  /** The business's no to a first phase. */
  | { readonly type: 'rejected'; readonly code: string; readonly message: string };

/** COMMIT has no barrier row: it is the database that commits a prepared transaction once. */
export type BarrierOperation = Exclude<Operation, 'COMMIT'>;

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
      // By now nothing of it is prepared. If it is done, then because it was committed.
      return claimed && first.outcome === 'done' ? refuse('ROLLBACK of a branch that is committed') : done;
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

function refuse(message: string): Decision {
  return { type: 'refuse', message };
}
