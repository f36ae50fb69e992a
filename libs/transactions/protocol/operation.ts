// What a branch is asked for.
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
  | 'DELIVER'
  | 'COMMIT_ONE_PHASE';

export type Phase = 'FIRST' | 'COMMIT' | 'ABORT';

const operations: Record<Kind, Partial<Record<Phase, Operation>>> = {
  COMPENSATABLE: { FIRST: 'ACTION', ABORT: 'COMPENSATE' },
  RESERVED: { FIRST: 'TRY', COMMIT: 'CONFIRM', ABORT: 'CANCEL' },
  PREPARED: { FIRST: 'PREPARE', COMMIT: 'COMMIT', ABORT: 'ROLLBACK' },
  RETRIABLE: { COMMIT: 'DELIVER' },
};

/** The operation that a kind of branch is asked for in a phase; undefined where it has nothing to do. */
export function operationIn(kind: Kind, phase: Phase): Operation | undefined {
  return operations[kind][phase];
}

const firsts: readonly Operation[] = ['ACTION', 'TRY', 'PREPARE', 'COMMIT_ONE_PHASE'];

/** Whether it comes before the decision, and so may be rejected. */
export function isFirst(operation: Operation): boolean {
  return firsts.includes(operation);
}

/** One prepared branch and nothing else: its participant can decide alone, in one phase. */
export function isOnePhase(branches: readonly Branch[]): boolean {
  return branches.length === 1 && branches[0]?.kind === 'PREPARED';
}

/**
 * Several prepared branches and nothing else go without a begin in the log (presumed abort): until the decision nothing has
 * taken effect, and who asks for a transaction that isn't there is told to abort, as soon as nobody can decide it any more.
 */
export function needsBegin(branches: readonly Branch[]): boolean {
  return isOnePhase(branches) || branches.some(({ kind }) => kind !== 'PREPARED');
}
