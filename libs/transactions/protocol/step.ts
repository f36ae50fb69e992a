// The life of a transaction, the same for all kinds of branch:
//
//     RUNNING ──all first phases done──▶ COMMITTING ──all second phases done──▶ COMMITTED
//        └──one rejected, or expired──▶ ABORTING ──all undone──▶ ABORTED
//
// The machine follows the discipline of etcd's raft: it says what to log and, once that is durable, what to send.
// Recovery needs no special path: a transaction read from the log starts its phase again from the beginning, since every
// operation is idempotent.
import type { Branch } from './definition.ts';
import {
  type Operation,
  operationOf,
  type Progress,
  type Rejection,
  type State,
  type StateRecord,
  type Transaction,
} from './transaction.ts';

export type Outcome =
  | { readonly type: 'done'; readonly result?: string }
  | ({ readonly type: 'rejected' } & Rejection)
  /** Whether it took effect is unknown: ask again. */
  | { readonly type: 'failed' };

export type Event =
  /** The begin is durable, or a coordinator has read the transaction from the log. */
  | { readonly type: 'owned'; readonly state: State }
  | { readonly type: 'outcome'; readonly branch: number; readonly operation: Operation; readonly outcome: Outcome }
  /** The pending record is durable. */
  | { readonly type: 'logged' }
  /** The deadline has passed. */
  | { readonly type: 'expired' };

export type Command =
  /** Write it and answer with `logged`. An end may be `lazy`: no one waits for it, and no `logged` follows. */
  | { readonly type: 'log'; readonly record: StateRecord; readonly lazy: boolean }
  /** `attempt` counts from 1; one above 1 is sent after a pause. */
  | { readonly type: 'send'; readonly branch: number; readonly operation: Operation; readonly attempt: number }
  /** A caller who waits for the decision, or for its effects, can have the answer. */
  | { readonly type: 'announce'; readonly milestone: 'DECIDED' | 'APPLIED' };

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
      return transaction.pending ? decided(transaction, transaction.pending) : unchanged(transaction);
    case 'expired':
      return transaction.state === 'RUNNING' && !transaction.pending
        ? decide(transaction, 'ABORT', { code: 'TIMED_OUT', message: 'not decided before its deadline' })
        : unchanged(transaction);
    case 'outcome':
      return outcome(transaction, event.branch, event.operation, event.outcome);
  }
}

/** Whether an operation is still asked for, so that one that waits for another attempt isn't sent in vain. */
export function isWanted(transaction: Transaction, branch: number, operation: Operation): boolean {
  if (transaction.state === undefined || transaction.pending) return false;
  if (transaction.progress[branch]?.type !== 'SENT') return false;
  return operationOf(kindOf(transaction, branch), transaction.state) === operation;
}

function outcome(transaction: Transaction, branch: number, operation: Operation, outcome: Outcome): Step {
  const { state } = transaction;
  const progress = transaction.progress[branch];
  if (state === undefined || progress?.type !== 'SENT') return unchanged(transaction);
  if (operationOf(kindOf(transaction, branch), state) !== operation) return unchanged(transaction);
  switch (outcome.type) {
    case 'done':
      return settled(withResult(withProgress(transaction, branch, { type: 'SETTLED' }), branch, outcome.result));
    case 'rejected':
      // Only a first phase can be refused: after the decision every branch has promised to follow it.
      if (state === 'RUNNING') return rejected(transaction, branch, outcome);
      return again(transaction, branch, operation, progress.attempt + 1);
    case 'failed':
      return again(transaction, branch, operation, progress.attempt + 1);
  }
}

function again(transaction: Transaction, branch: number, operation: Operation, attempt: number): Step {
  if (transaction.pending) return unchanged(transaction);
  return {
    transaction: withProgress(transaction, branch, { type: 'SENT', attempt }),
    commands: [{ type: 'send', branch, operation, attempt }],
  };
}

function rejected(transaction: Transaction, branch: number, { code, message }: Rejection): Step {
  const next = withProgress(transaction, branch, { type: 'REJECTED' });
  return transaction.pending ? unchanged(next) : decide(next, 'ABORT', { code, message });
}

/** A branch has done its part of the phase: go on with those after it, or with the next phase. */
function settled(transaction: Transaction): Step {
  if (transaction.pending) return unchanged(transaction);
  if (!transaction.progress.every(({ type }) => type === 'SETTLED')) return sendReady(transaction);
  if (transaction.state === 'RUNNING') return decide(transaction, 'COMMIT');
  return end(transaction);
}

function decide(transaction: Transaction, decision: 'COMMIT' | 'ABORT', rejection?: Rejection): Step {
  const followUp = decision === 'COMMIT' ? 'COMMITTING' : 'ABORTING';
  const open = progressIn(transaction, followUp).some(({ type }) => type !== 'SETTLED');
  const state = open ? followUp : decision === 'COMMIT' ? 'COMMITTED' : 'ABORTED';
  const record: StateRecord = { state, results: transaction.results, ...(rejection && { rejection }) };
  return { transaction: { ...transaction, pending: record }, commands: [{ type: 'log', record, lazy: false }] };
}

function decided(transaction: Transaction, record: StateRecord): Step {
  const { pending: _, ...rest } = transaction;
  const next = enter({ ...rest, ...(record.rejection && { rejection: record.rejection }) }, record.state);
  return { ...next, commands: [{ type: 'announce', milestone: 'DECIDED' }, ...next.commands] };
}

/** Begins a phase. */
function enter(transaction: Transaction, state: State): Step {
  const next = { ...transaction, state, progress: progressIn(transaction, state) };
  if (state === 'COMMITTED' || state === 'ABORTED') {
    return { transaction: next, commands: [{ type: 'announce', milestone: 'APPLIED' }] };
  }
  return settled(next);
}

function end(transaction: Transaction): Step {
  const state = transaction.state === 'COMMITTING' ? 'COMMITTED' : 'ABORTED';
  const { results, rejection } = transaction;
  return {
    transaction: { ...transaction, state },
    commands: [
      { type: 'announce', milestone: 'APPLIED' },
      { type: 'log', record: { state, results, ...(rejection && { rejection }) }, lazy: true },
    ],
  };
}

/** Where every branch stands when a phase begins. */
function progressIn(transaction: Transaction, state: State): Progress[] {
  return transaction.branches.map((branch, index) => {
    if (operationOf(branch.kind, state) === undefined) return { type: 'SETTLED' };
    // What was never sent, or was refused, has nothing to undo. After a takeover it isn't known what was sent: all is
    // undone, and participants know what that means for them.
    const untouched = transaction.state === 'RUNNING' && !hasEffect(transaction.progress[index]);
    return state === 'ABORTING' && untouched ? { type: 'SETTLED' } : { type: 'WAITING' };
  });
}

function hasEffect(progress: Progress | undefined): boolean {
  return progress?.type === 'SENT' || progress?.type === 'SETTLED';
}

/** Sends every branch for which nothing is left to wait for: forwards in the order of `after`, undoing in reverse. */
function sendReady(transaction: Transaction): Step {
  const { state, branches } = transaction;
  if (state === undefined) return unchanged(transaction);
  const settledNames = new Set<string>();
  branches.forEach((branch, index) => {
    if (transaction.progress[index]?.type === 'SETTLED') settledNames.add(branch.name);
  });
  const isReady = (branch: Branch) =>
    state === 'ABORTING'
      ? branches.every((other) => !other.after.includes(branch.name) || settledNames.has(other.name))
      : branch.after.every((name) => settledNames.has(name));
  const commands: Command[] = [];
  const progress = transaction.progress.map((current, index): Progress => {
    const branch = branches[index] as Branch;
    const operation = operationOf(branch.kind, state);
    if (current.type !== 'WAITING' || operation === undefined || !isReady(branch)) return current;
    commands.push({ type: 'send', branch: index, operation, attempt: 1 });
    return { type: 'SENT', attempt: 1 };
  });
  return { transaction: { ...transaction, progress }, commands };
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

function kindOf(transaction: Transaction, branch: number) {
  return (transaction.branches[branch] as Branch).kind;
}

function unchanged(transaction: Transaction): Step {
  return { transaction, commands: [] };
}
