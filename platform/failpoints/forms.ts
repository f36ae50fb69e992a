// The transactions of the matrix.
import type { HandledOperation } from '@assent/transactions/participant';
import type { Branch, Kind } from '@assent/transactions/protocol';
import type { Payload } from './participant/actions.ts';

/**
 * COMMIT: all branches are willing, and have the time. ABORT: the last one before the decision says no. EXPIRE: they are
 * willing, but the deadline passes while a process stands still, so that either may come of it.
 */
export type Ending = 'COMMIT' | 'ABORT' | 'EXPIRE';

export interface Form {
  readonly name: string;
  readonly branches: readonly FormBranch[];
}

interface FormBranch {
  readonly kind: Kind;
  /** Places of the branches before it. */
  readonly after?: readonly number[];
  /** It writes nothing. */
  readonly reads?: true;
}

export const forms: readonly Form[] = [
  { name: 'SAGA', branches: [{ kind: 'COMPENSATABLE' }, { kind: 'COMPENSATABLE', after: [0] }] },
  { name: 'TCC', branches: [{ kind: 'RESERVED' }, { kind: 'RESERVED', after: [0] }] },
  { name: 'TWO_PHASE', branches: [{ kind: 'PREPARED' }, { kind: 'PREPARED', after: [0] }] },
  { name: 'MESSAGE', branches: [{ kind: 'COMPENSATABLE' }, { kind: 'RETRIABLE', after: [0] }] },
  { name: 'ONE_PHASE', branches: [{ kind: 'PREPARED' }] },
  {
    name: 'READ_ONLY',
    branches: [
      { kind: 'PREPARED', reads: true },
      { kind: 'PREPARED', after: [0] },
    ],
  },
  {
    name: 'MIXED',
    branches: [
      { kind: 'COMPENSATABLE' },
      { kind: 'RESERVED' },
      { kind: 'PREPARED', after: [0, 1] },
      { kind: 'RETRIABLE', after: [0] },
    ],
  },
];

/** The branches of one transaction, which the participant knows by its number. */
export function branchesOf({ branches }: Form, ending: Ending, number: number): Branch[] {
  const last = branches.findLastIndex(({ kind }) => kind !== 'RETRIABLE');
  return branches.map(({ kind, after = [], reads }, index) => {
    const does = ending === 'ABORT' && index === last ? 'reject' : reads && 'read';
    const payload: Payload = { number, ...(does && { does }) };
    return {
      name: `b${index}`,
      participant: 'ledger',
      action: 'note',
      kind,
      after: after.map((place) => `b${place}`),
      payload: JSON.stringify(payload),
      // Stuck soon.
      secondPhaseRetry: { maxAttempts: 3 },
    };
  });
}

/** What a branch leaves behind; where several are possible, all of them. */
export function effectsOf({ kind, reads }: FormBranch, committed: boolean): readonly (readonly string[])[] {
  if (reads) return [[]];
  switch (kind) {
    case 'COMPENSATABLE':
      return committed ? [['ACTION']] : [[], ['ACTION', 'COMPENSATE']];
    case 'RESERVED':
      return committed ? [['CONFIRM', 'TRY']] : [[], ['CANCEL', 'TRY']];
    case 'PREPARED':
      return committed ? [['PREPARE']] : [[]];
    case 'RETRIABLE':
      return committed ? [['DELIVER']] : [[]];
  }
}

const firsts: Record<Kind, HandledOperation | undefined> = {
  COMPENSATABLE: 'ACTION',
  RESERVED: 'TRY',
  PREPARED: 'PREPARE',
  RETRIABLE: undefined,
};

/** What the first branch of a form is asked first. */
export function firstOperation({ branches }: Form): HandledOperation {
  return firsts[branches[0]!.kind] as HandledOperation;
}

/** What some branch is asked after the decision, by a handler that can fail; undefined when none is. */
export function secondOperation({ branches }: Form, ending: Ending): HandledOperation | undefined {
  const kinds = branches.map(({ kind }) => kind);
  if (ending !== 'ABORT')
    return kinds.includes('RETRIABLE') ? 'DELIVER' : kinds.includes('RESERVED') ? 'CONFIRM' : undefined;
  // The last one before the decision is never done.
  const done = kinds.filter((kind) => kind !== 'RETRIABLE').slice(0, -1);
  return done.includes('COMPENSATABLE') ? 'COMPENSATE' : done.includes('RESERVED') ? 'CANCEL' : undefined;
}
