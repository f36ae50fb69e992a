// The life of a transaction, the same for all kinds of branch (PROTOCOL.md has the rules by number):
//
//     RUNNING ──all first phases done──▶ COMMITTING ──all second phases done──▶ COMMITTED
//        └──one rejected, or expired──▶ ABORTING ──all undone──▶ ABORTED
//     COMMITTING/ABORTING ──an operation keeps failing──▶ parked ──operator──▶ back
//
// The machine follows the discipline of etcd's raft: it says what to log and, once that is durable, what to send.
// Recovery needs no special path: a transaction read from the log starts its phase again from the beginning, since every
// operation is idempotent.
import type { Branch } from './definition.ts';
import { isFirst, isOnePhase, type Operation } from './operation.ts';
import { attemptLimit, type Fault, faultLimit, isForGood, pauseBefore_ms } from './retry.ts';
import {
  operationOf,
  type Progress,
  type Rejection,
  type State,
  type StateRecord,
  type Stuck,
  type Transaction,
} from './transaction.ts';

export type Outcome =
  /** `readOnly`: PREPARE wrote nothing and holds nothing. */
  | { readonly type: 'done'; readonly result?: string; readonly readOnly?: boolean }
  | ({ readonly type: 'rejected' } & Rejection)
  /** Whether it took effect is unknown: ask again. */
  | { readonly type: 'failed'; readonly fault: Fault };

export type Event =
  /** The begin is durable (or not needed), or a coordinator has read the transaction from the log. */
  | { readonly type: 'owned'; readonly state: State }
  | { readonly type: 'outcome'; readonly branch: number; readonly operation: Operation; readonly outcome: Outcome }
  /** The pending record is durable. */
  | { readonly type: 'logged' }
  /** The pending record is not in the log and never will be: its idempotency key is taken, or the database refuses it. */
  | { readonly type: 'refused' }
  /** The deadline has passed. */
  | { readonly type: 'expired' };

export type Command =
  /** Write it and answer with `logged` or `refused`. One that is `lazy` nobody waits for, and no event follows. */
  | { readonly type: 'log'; readonly record: StateRecord; readonly lazy: boolean }
  /** `attempt` counts from 1. Wait a random part of `pause_ms` before. */
  | {
      readonly type: 'send';
      readonly branch: number;
      readonly operation: Operation;
      readonly attempt: number;
      readonly pause_ms: number;
    }
  /** A caller who waits for the decision, for its effects, or for no more than that it waits for a person, can be answered. */
  | { readonly type: 'announce'; readonly milestone: 'DECIDED' | 'APPLIED' | 'PARKED' };

export interface Step {
  readonly transaction: Transaction;
  readonly commands: readonly Command[];
}

/** What an event makes of a transaction, and what is to be done about it. Events that come too late change nothing. */
export function step(transaction: Transaction, event: Event): Step {
  switch (event.type) {
    case 'owned':
      return transaction.state === undefined ? enter(transaction, event.state) : unchanged(transaction);
    case 'logged':
      return transaction.pending ? logged(transaction, transaction.pending) : unchanged(transaction);
    case 'refused':
      return transaction.pending ? refused(transaction, transaction.pending) : unchanged(transaction);
    case 'expired':
      return transaction.state === 'RUNNING' && !transaction.pending ? expired(transaction) : unchanged(transaction);
    case 'outcome':
      return outcome(transaction, event.branch, event.operation, event.outcome);
  }
}

/** Whether nothing is left to do for it here: it has ended, or waits for an operator. */
export function isOver({ state, parked }: Transaction): boolean {
  return parked === true || state === 'COMMITTED' || state === 'ABORTED';
}

/** Whether an operation is still asked for, so that one that waits for another attempt isn't sent in vain. */
export function isWanted(transaction: Transaction, branch: number, operation: Operation): boolean {
  if (transaction.state === undefined || transaction.pending) return false;
  if (transaction.progress[branch]?.type !== 'SENT') return false;
  return operationOf(transaction, branch, transaction.state) === operation;
}

function outcome(transaction: Transaction, branch: number, operation: Operation, outcome: Outcome): Step {
  const { state } = transaction;
  const progress = transaction.progress[branch];
  if (state === undefined || progress?.type !== 'SENT') return unchanged(transaction);
  if (operation === 'COMMIT_ONE_PHASE' && outcome.type !== 'failed') return decidedByParticipant(transaction, outcome);
  if (operationOf(transaction, branch, state) !== operation) return unchanged(transaction);
  if (transaction.givingUp && outcome.type !== 'failed') {
    const { rejection } = transaction;
    return decidedByParticipant(
      transaction,
      outcome.type === 'done' && rejection ? { type: 'rejected', ...rejection } : { type: 'done' },
    );
  }
  switch (outcome.type) {
    case 'done':
      return done(transaction, branch, outcome);
    case 'rejected':
      // Only a first phase can be refused: after the decision every branch has promised to follow it.
      if (isFirst(operation)) return rejected(transaction, branch, outcome);
      return failed(transaction, branch, operation, progress, outcome);
    case 'failed':
      return failed(transaction, branch, operation, progress, outcome.fault);
  }
}

function done(transaction: Transaction, branch: number, { result, readOnly }: Extract<Outcome, { type: 'done' }>) {
  const progress: Progress = { type: readOnly && transaction.state === 'RUNNING' ? 'OMITTED' : 'SETTLED' };
  return advance(withResult(withProgress(transaction, branch, progress), branch, result));
}

function rejected(transaction: Transaction, branch: number, { code, message }: Rejection): Step {
  const next = withProgress(transaction, branch, { type: 'REJECTED' });
  return transaction.pending ? unchanged(next) : decide(next, 'ABORT', { code, message });
}

/** An unknown outcome is asked again; one that a retry won't change, only so often. */
function failed(
  transaction: Transaction,
  index: number,
  operation: Operation,
  { attempt, faults: before }: Extract<Progress, { type: 'SENT' }>,
  { code, message }: Fault,
): Step {
  if (transaction.pending) return unchanged(transaction);
  const branch = transaction.branches[index] as Branch;
  const fault = { code, message };
  const faults = before + (isForGood(fault) ? 1 : 0);
  if (transaction.state === 'RUNNING') {
    // The participant of a one-phase commit decides: nobody knows here that it hasn't.
    if (!isOnePhase(transaction.branches) && attempt >= attemptLimit(branch, operation)) {
      return decide(transaction, 'ABORT', { code: 'RETRIES_EXHAUSTED', message: `${branch.name}: ${code} ${message}` });
    }
  } else if (faults >= faultLimit(branch, operation)) {
    return advance(withProgress(transaction, index, { type: 'STUCK', attempt, fault }));
  }
  return {
    transaction: withProgress(transaction, index, { type: 'SENT', attempt: attempt + 1, faults }),
    commands: [send(branch, index, operation, attempt + 1)],
  };
}

/** A branch has done its part of the phase, or never will: go on with those after it, or with the next phase. */
function advance(transaction: Transaction): Step {
  if (transaction.pending) return unchanged(transaction);
  if (!transaction.progress.every(isSettled)) return sendReady(transaction);
  if (transaction.state === 'RUNNING') return decide(transaction, 'COMMIT');
  return end(transaction);
}

function expired(transaction: Transaction): Step {
  const rejection = { code: 'TIMED_OUT', message: 'not decided before its deadline' };
  if (!isOnePhase(transaction.branches)) return decide(transaction, 'ABORT', rejection);
  if (transaction.givingUp) return unchanged(transaction);
  return {
    transaction: withProgress({ ...transaction, rejection, givingUp: true }, 0, {
      type: 'SENT',
      attempt: 1,
      faults: 0,
    }),
    commands: [send(transaction.branches[0] as Branch, 0, 'ROLLBACK', 1)],
  };
}

function decide(transaction: Transaction, decision: 'COMMIT' | 'ABORT', rejection?: Rejection): Step {
  const followUp = decision === 'COMMIT' ? 'COMMITTING' : 'ABORTING';
  const open = !progressIn(transaction, followUp).every(isSettled);
  const state = open ? followUp : decision === 'COMMIT' ? 'COMMITTED' : 'ABORTED';
  return log(transaction, recordOf(transaction, state, rejection));
}

/** One phase: what the participant says is the decision, and it is durable there. The log follows when it can. */
function decidedByParticipant(transaction: Transaction, outcome: Exclude<Outcome, { type: 'failed' }>): Step {
  const { rejection: _, ...rest } = transaction;
  const rejection = outcome.type === 'rejected' ? { code: outcome.code, message: outcome.message } : undefined;
  const state = rejection ? 'ABORTED' : 'COMMITTED';
  return {
    transaction: {
      ...rest,
      state,
      progress: [{ type: rejection ? 'REJECTED' : 'SETTLED' }],
      ...(rejection && { rejection }),
    },
    commands: [
      { type: 'announce', milestone: 'DECIDED' },
      { type: 'announce', milestone: 'APPLIED' },
      { type: 'log', record: recordOf(transaction, state, rejection), lazy: true },
    ],
  };
}

function logged(transaction: Transaction, record: StateRecord): Step {
  const { pending: _, ...rest } = transaction;
  if (record.stuck)
    return { transaction: { ...rest, parked: true }, commands: [{ type: 'announce', milestone: 'PARKED' }] };
  const next = enter({ ...rest, ...(record.rejection && { rejection: record.rejection }) }, record.state);
  return { ...next, commands: [{ type: 'announce', milestone: 'DECIDED' }, ...next.commands] };
}

/** What isn't durable isn't decided: a commit that can't be logged becomes an abort, an abort is undone without a record. */
function refused(transaction: Transaction, { state, stuck }: StateRecord): Step {
  const { pending: _, ...rest } = transaction;
  if (stuck) return { transaction: { ...rest, parked: true }, commands: [{ type: 'announce', milestone: 'PARKED' }] };
  if (state === 'COMMITTING' || state === 'COMMITTED') {
    return decide(rest, 'ABORT', { code: 'NOT_LOGGED', message: 'the log refuses the decision to commit' });
  }
  // Nothing but a ROLLBACK tells a PREPARE that is still on its way that it is over, since the log says nothing about it: also
  // where an earlier attempt was read-only.
  const progress = rest.progress.map((one): Progress => (one.type === 'OMITTED' ? { type: 'SETTLED' } : one));
  return enter({ ...rest, progress, unlogged: true }, 'ABORTING');
}

/** Begins a phase. */
function enter(transaction: Transaction, state: State): Step {
  const next = { ...transaction, state, progress: progressIn(transaction, state) };
  if (state === 'COMMITTED' || state === 'ABORTED') {
    return { transaction: next, commands: [{ type: 'announce', milestone: 'APPLIED' }] };
  }
  return advance(next);
}

function end(transaction: Transaction): Step {
  const state = transaction.state === 'COMMITTING' ? 'COMMITTED' : 'ABORTED';
  const record = recordOf(transaction, state, transaction.rejection);
  return {
    transaction: { ...transaction, state },
    commands: [
      { type: 'announce', milestone: 'APPLIED' },
      ...(transaction.unlogged ? [] : [{ type: 'log', record, lazy: true } as const]),
    ],
  };
}

/** Where every branch stands when a phase begins. */
function progressIn(transaction: Transaction, state: State): Progress[] {
  return transaction.branches.map((_, index) => {
    const current = transaction.progress[index];
    if (current?.type === 'OMITTED') return current;
    if (operationOf(transaction, index, state) === undefined) return { type: 'SETTLED' };
    // What was never sent, or was refused, has nothing to undo. After a takeover it isn't known what was sent: all is
    // undone, and participants know what that means for them.
    const untouched = transaction.state === 'RUNNING' && !mayHaveEffect(transaction, current);
    return state === 'ABORTING' && untouched ? { type: 'SETTLED' } : { type: 'WAITING' };
  });
}

function mayHaveEffect({ recovered }: Transaction, progress: Progress | undefined): boolean {
  return progress?.type === 'WAITING' ? recovered === true : progress?.type !== 'REJECTED';
}

/** Sends every branch for which nothing is left to wait for. Parks the transaction when all that could go on is stuck. */
function sendReady(transaction: Transaction): Step {
  const { state, branches } = transaction;
  if (state === undefined) return unchanged(transaction);
  const settled = new Set(
    branches.filter((_, index) => isSettled(transaction.progress[index]!)).map(({ name }) => name),
  );
  const commands: Command[] = [];
  const progress = transaction.progress.map((current, index): Progress => {
    const branch = branches[index] as Branch;
    const operation = operationOf(transaction, index, state);
    if (current.type !== 'WAITING' || operation === undefined || !isReady(branches, branch, state, settled))
      return current;
    commands.push(send(branch, index, operation, 1));
    return { type: 'SENT', attempt: 1, faults: 0 };
  });
  const next = { ...transaction, progress };
  return state === 'RUNNING' || progress.some(({ type }) => type === 'SENT')
    ? { transaction: next, commands }
    : park(next);
}

/**
 * Forwards in the order of `after`, undoing in reverse. What has been promised and not been shown to anybody is kept or given
 * up in any order, so that it is held for as short as can be [D6].
 */
function isReady(branches: readonly Branch[], branch: Branch, state: State, settled: ReadonlySet<string>): boolean {
  switch (state) {
    case 'COMMITTING':
      return branch.kind !== 'RETRIABLE' || branch.after.every((name) => settled.has(name));
    case 'ABORTING':
      return (
        branch.kind === 'PREPARED' ||
        branches.every((other) => !other.after.includes(branch.name) || settled.has(other.name))
      );
    case 'RUNNING':
    case 'COMMITTED':
    case 'ABORTED':
      return branch.after.every((name) => settled.has(name));
  }
}

function park(transaction: Transaction): Step {
  const { state, rejection } = transaction;
  if (state !== 'COMMITTING' && state !== 'ABORTING') return unchanged(transaction);
  const stuck = transaction.progress.flatMap((progress, branch): Stuck[] => {
    if (progress.type !== 'STUCK') return [];
    const operation = operationOf(transaction, branch, state) as Operation;
    return [{ branch, operation, attempts: progress.attempt, fault: progress.fault }];
  });
  return log(transaction, { ...recordOf(transaction, state, rejection), stuck });
}

function log(transaction: Transaction, record: StateRecord): Step {
  return { transaction: { ...transaction, pending: record }, commands: [{ type: 'log', record, lazy: false }] };
}

function recordOf(transaction: Transaction, state: StateRecord['state'], rejection?: Rejection): StateRecord {
  const omitted = transaction.progress.flatMap(({ type }, index) => (type === 'OMITTED' ? [index] : []));
  return { state, results: transaction.results, omitted, ...(rejection && { rejection }) };
}

function send(branch: Branch, index: number, operation: Operation, attempt: number): Command {
  return { type: 'send', branch: index, operation, attempt, pause_ms: pauseBefore_ms(branch, operation, attempt) };
}

function isSettled({ type }: Progress): boolean {
  return type === 'SETTLED' || type === 'OMITTED';
}

function withProgress(transaction: Transaction, branch: number, progress: Progress): Transaction {
  return { ...transaction, progress: transaction.progress.with(branch, progress) };
}

/**
 * Keeps a result for the branches after it. A prepared branch's is dropped: until it commits no one can
 * read it again, so it could not be had after a takeover.
 */
function withResult(transaction: Transaction, branch: number, result: string | undefined): Transaction {
  const { name, kind } = transaction.branches[branch] as Branch;
  const isRead = transaction.state === 'RUNNING' ? kind !== 'PREPARED' : kind === 'RETRIABLE';
  if (!result || !isRead) return transaction;
  return { ...transaction, results: { ...transaction.results, [name]: result } };
}

function unchanged(transaction: Transaction): Step {
  return { transaction, commands: [] };
}
