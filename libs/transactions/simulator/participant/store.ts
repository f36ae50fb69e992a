// A participant's database as a model: business effects and barrier rows are written in one transaction or not at all; what
// is prepared survives, and keeps its locks; what isn't committed goes with the connection.

import { type BarrierOperation, claimsOf, type FirstPhase, type Found, type Verdict } from '../../participant/rules.ts';
import type { World } from '../world.ts';
import { createLocks, type Holder } from './locks.ts';

/** The barrier's rows of a branch. */
interface Row {
  readonly first: FirstPhase;
  readonly second: boolean;
}

/** What a transaction will do to a branch when it is committed. */
interface Change {
  readonly id: number;
  readonly branch: number;
  readonly operation: BarrierOperation;
  readonly row: Row;
  readonly effect: boolean;
}

/** A transaction of the database. It locks the barrier's rows of the branches that it claims. */
export interface DbTransaction extends Holder {
  readonly changes: Map<number, Change>;
}

export interface Prepared {
  readonly id: number;
  readonly branch: number;
  readonly epoch: number;
  readonly at_ms: number;
  readonly transaction: DbTransaction;
}

export interface BranchKey {
  readonly id: number;
  readonly branch: number;
}

export interface ParticipantStore {
  readonly prepared: ReadonlyMap<number, Prepared>;
  begin(): DbTransaction;
  /** Claims an operation's phase for branches, one after the other; undefined when a lock takes too long. */
  claim(
    transaction: DbTransaction,
    operation: BarrierOperation,
    branches: readonly BranchKey[],
    timeout_ms: number,
    then: (found: Found[] | undefined) => void,
  ): void;
  /** The branch's business writes, in the transaction that has claimed it; a rejection has none. */
  write(transaction: DbTransaction, operation: BarrierOperation, branch: BranchKey, verdict: Verdict): void;
  /** False when it has been rolled back. */
  commit(transaction: DbTransaction): boolean;
  rollback(transaction: DbTransaction): void;
  prepare(transaction: DbTransaction, branch: BranchKey, epoch: number): boolean;
  /** Ends what is prepared of a branch; false when there is nothing. */
  end(verb: 'COMMIT' | 'ROLLBACK', branch: BranchKey): boolean;
  /** What the barrier has committed of a branch's first phase. */
  outcomeOf(branch: BranchKey): FirstPhase['outcome'] | undefined;
  /** Periods of which no first phase is taken any more, since when. */
  readonly closed: Map<number, number>;
  /** Deletes the barrier rows of a period. */
  drop(isOfPeriod: (id: number) => boolean): void;
}

const blocked: FirstPhase = { outcome: 'blocked' };

export function keyOf({ id, branch }: BranchKey): number {
  return id * 8 + branch;
}

function idOf(key: number): number {
  return Math.floor(key / 8);
}

export function createParticipantStore(world: World, name: string): ParticipantStore {
  const { agenda, observer } = world;
  const rows = new Map<number, Row>();
  const { lock, handOver, finish } = createLocks(agenda);
  const prepared = new Map<number, Prepared>();
  const closed = new Map<number, number>();

  function found(transaction: DbTransaction, operation: BarrierOperation, key: number, branchKey: BranchKey): Found {
    const row = rows.get(key);
    const isSecond = claimsOf(operation).length > 1;
    const claimed = isSecond ? !row?.second : !row;
    const first = row?.first ?? (isSecond ? blocked : ({ outcome: 'done', result: '' } as const));
    if (claimed) {
      const { id, branch } = branchKey;
      const claimedRow = { first, second: isSecond };
      transaction.changes.set(key, { id, branch, operation, row: claimedRow, effect: false });
    }
    return { claimed, first };
  }

  function apply({ changes }: DbTransaction): void {
    for (const [key, change] of changes) {
      rows.set(key, change.row);
      if (change.effect) observer.took(change.id, change.branch, change.operation, name);
    }
  }

  const store: ParticipantStore = {
    prepared,
    begin: () => ({ changes: new Map(), locks: [], isOver: false }),
    claim(transaction, operation, branches, timeout_ms, then) {
      const results: Found[] = [];
      const next = (granted: boolean) => {
        if (!granted) return then(undefined);
        const done = branches[results.length];
        if (done) results.push(found(transaction, operation, keyOf(done), done));
        go();
      };
      const go = () => {
        if (transaction.isOver) return then(undefined);
        const branch = branches[results.length];
        if (branch) lock(transaction, keyOf(branch), timeout_ms, next);
        else then(results);
      };
      go();
    },
    write(transaction, operation, { id, branch }, verdict) {
      const key = keyOf({ id, branch });
      // Only a bug writes what it has not claimed.
      const row = transaction.changes.get(key)?.row ?? rows.get(key)!;
      const first = claimsOf(operation).length > 1 ? row.first : firstPhaseOf(verdict);
      transaction.changes.set(key, { id, branch, operation, row: { ...row, first }, effect: verdict.type === 'done' });
    },
    commit(transaction) {
      if (transaction.isOver) return false;
      apply(transaction);
      finish(transaction);
      return true;
    },
    rollback(transaction) {
      if (!transaction.isOver) finish(transaction);
    },
    prepare(transaction, { id, branch }, epoch) {
      if (transaction.isOver) return false;
      // Nothing that happens to its connection ends it any more.
      const kept: DbTransaction = { changes: transaction.changes, locks: [], isOver: false };
      handOver(transaction, kept);
      prepared.set(keyOf({ id, branch }), { id, branch, epoch, at_ms: agenda.now_ms, transaction: kept });
      return true;
    },
    end(verb, branch) {
      const found = prepared.get(keyOf(branch));
      if (!found) return false;
      prepared.delete(keyOf(branch));
      if (verb === 'COMMIT') apply(found.transaction);
      finish(found.transaction);
      return true;
    },
    outcomeOf: (branch) => rows.get(keyOf(branch))?.first.outcome,
    closed,
    drop(isOfPeriod) {
      for (const key of rows.keys()) if (isOfPeriod(idOf(key))) rows.delete(key);
    },
  };
  return store;
}

function firstPhaseOf(verdict: Verdict): FirstPhase {
  switch (verdict.type) {
    case 'done':
      return { outcome: 'done', result: verdict.result };
    case 'rejected':
      return { outcome: 'rejected', code: verdict.code, message: verdict.message };
  }
}
