// A replica of a participant: takes calls in batches and does them behind the barrier, each operation of the same branch
// once at a time. The rules of the participant library, on the simulator's clock.
import type { Operation, Outcome, Results } from '../../protocol/index.ts';
import { anyLife } from '../agenda.ts';
import { createProcess, type Process } from '../process.ts';
import { isTooLate } from '../workload/retention.ts';
import { nameOf, type World } from '../world.ts';
import { answerBatch } from './batch.ts';
import { failed } from './handlers.ts';
import { prepare } from './prepare.ts';
import { commit, rollback } from './prepared.ts';
import { reconcile } from './reconciler.ts';
import { createParticipantStore, type DbTransaction, keyOf, type ParticipantStore } from './store.ts';

export interface BranchCall {
  readonly id: number;
  readonly branch: number;
  readonly operation: Operation;
  /** Of the coordinator that asks. */
  readonly epoch: number;
  readonly attempt: number;
  readonly inputs: Results;
}

export interface Replica {
  readonly process: Process;
  readonly store: ParticipantStore;
  /** Transactions on its connections, rolled back when it dies. */
  readonly transactions: Set<DbTransaction>;
  /** What is being done, by operation and branch; with those who wait for its outcome. */
  readonly running: Map<string, ((outcome: Outcome) => void)[]>;
}

export type Answers = readonly { readonly index: number; readonly outcome: Outcome }[];

export function createParticipant(world: World, name: string, replicas: number): Replica[] {
  const store = createParticipantStore(world, name);
  return Array.from({ length: replicas }, (_, index) => createReplica(world, `${name}-${index + 1}`, store));
}

function createReplica(world: World, name: string, store: ParticipantStore): Replica {
  const process = createProcess(name);
  const replica: Replica = { process, store, transactions: new Set(), running: new Map() };
  process.boot = () => reconcile(world, replica);
  process.onCrash = () => {
    replica.running.clear();
    // The database notices only when it has done what is on its way.
    const left = [...replica.transactions];
    replica.transactions.clear();
    const rollback = () => {
      for (const transaction of left) store.rollback(transaction);
    };
    world.agenda.add(world.random.between(0, 1), null, anyLife, false, rollback);
  };
  return replica;
}

/** Does a batch of calls, and answers as outcomes come. */
export function execute(
  world: World,
  replica: Replica,
  calls: readonly BranchCall[],
  answer: (answers: Answers) => void,
): void {
  const groups = new Map<Operation, number[]>();
  for (const [index, call] of calls.entries()) {
    const key = `${call.operation} ${keyOf(call)}`;
    const waiting = replica.running.get(key);
    const settle = (outcome: Outcome) => answer([{ index, outcome }]);
    if (isTooLate(world, replica.store, call)) {
      world.tally.tooLate++;
      world.say?.(replica.process.name, `${nameOf(world, call)} ${call.operation}: too late, its barrier is gone`);
      settle(tooLate);
      continue;
    }
    if (waiting) {
      waiting.push(settle);
      continue;
    }
    replica.running.set(key, [settle]);
    const group = groups.get(call.operation);
    if (group) group.push(index);
    else groups.set(call.operation, [index]);
  }
  for (const [operation, indices] of groups) {
    perform(
      world,
      replica,
      operation,
      indices.map((index) => calls[index]!),
    );
  }
}

function perform(world: World, replica: Replica, operation: Operation, calls: readonly BranchCall[]): void {
  const settle = (call: BranchCall, outcome: Outcome) => {
    const key = `${call.operation} ${keyOf(call)}`;
    const waiting = replica.running.get(key) ?? [];
    replica.running.delete(key);
    for (const hear of waiting) hear(outcome);
  };
  switch (operation) {
    case 'PREPARE':
      for (const call of calls) prepare(world, replica, call, (outcome) => settle(call, outcome));
      return;
    case 'COMMIT':
      for (const call of calls) commit(world, replica, call, (outcome) => settle(call, outcome));
      return;
    case 'ROLLBACK':
      for (const call of calls) rollback(world, replica, call, (outcome) => settle(call, outcome));
      return;
    default:
      answerBatch(world, replica, operation, calls, settle);
  }
}

/** What isn't prepared or committed is gone. */
export function restartDatabase(world: World, replicas: readonly Replica[]): void {
  world.say?.(replicas[0]!.process.name, 'HAS ITS DATABASE RESTARTED');
  for (const { store, transactions } of replicas) for (const transaction of transactions) store.rollback(transaction);
}

/** A transaction on a connection of the replica. */
export function begin(replica: Replica): DbTransaction {
  const transaction = replica.store.begin();
  replica.transactions.add(transaction);
  return transaction;
}

export function giveUp(replica: Replica, transaction: DbTransaction): void {
  replica.store.rollback(transaction);
  replica.transactions.delete(transaction);
}

const tooLate = failed('FAILED_PRECONDITION', 'the barrier of so old a transaction is gone');

/** What a participant says when its database can't be asked. */
export const unreachable = failed('UNAVAILABLE', 'the database cannot do it now');
