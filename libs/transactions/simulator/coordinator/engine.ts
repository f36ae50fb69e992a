// Drives the transactions that one incarnation of a coordinator owns: feeds the real machine with events and does what it
// commands. The rules of the coordinator's engine.ts, on the simulator's clock.
import {
  type Command,
  type Event,
  inputsOf,
  isFirst,
  isForGood,
  isOver,
  isWanted,
  needsBegin,
  newTransaction,
  type Operation,
  type Outcome,
  type Rejection,
  type State,
  type StateRecord,
  type Transaction,
} from '../../protocol/index.ts';
import type { Begin, Row } from '../log/tables.ts';
import { later, type Process } from '../process.ts';
import type { World } from '../world.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Journal, Logged } from './journal.ts';

export type Milestone = 'DECIDED' | 'APPLIED';

export interface Answer {
  readonly id: number;
  readonly state: State | 'PARKED';
  readonly rejection?: Rejection | undefined;
}

export interface Waiter {
  readonly milestone: Milestone;
  readonly answer: (answer: Answer) => void;
  /** It isn't driven here any more. */
  readonly moved: () => void;
  /** Its key belongs to another transaction. */
  readonly taken: () => void;
}

interface Driven {
  readonly id: number;
  readonly since_ms: number;
  transaction: Transaction;
  waiters: Waiter[];
  /** Goes along with the decision of a transaction that isn't in the log. */
  begin: Begin | undefined;
  /** Its key belongs to another transaction, so it won't come into the log. */
  isTaken: boolean;
  /** For each branch, how often an operation of its second phase has failed for good reasons. */
  readonly faults: number[];
}

export interface Engine {
  begin(begin: Begin, waiter: Waiter): void;
  /** False when it isn't driven here. */
  join(id: number, waiter: Waiter): boolean;
  drives(id: number): boolean;
  /** Lets go of what it drives since before and no longer owns. Which of those that it owns it doesn't drive. */
  compare(owned: ReadonlySet<number>, before_ms: number): number[];
  /** Goes on with transactions that were taken over. */
  adopt(rows: readonly Row[]): void;
  /** Lets go of everything: others own it now. */
  abandon(): void;
}

export function createEngine(world: World, process: Process, epoch: number, journal: Journal): Engine {
  const dispatch = createDispatcher(world, process);
  const open = new Map<number, Driven>();
  /** Those that aren't in the log yet, by their key. */
  const unlogged = new Map<string, Driven>();
  let isAbandoned = false;

  function own(id: number, transaction: Transaction, left_ms: number, begin?: Begin): Driven {
    const faults = transaction.branches.map(() => 0);
    const driven: Driven = {
      id,
      since_ms: world.agenda.now_ms,
      transaction,
      waiters: [],
      begin,
      isTaken: false,
      faults,
    };
    open.set(id, driven);
    later(world, process, Math.max(0, left_ms), () => apply(driven, { type: 'expired' }), true);
    return driven;
  }

  function apply(driven: Driven, event: Event): void {
    if (open.get(driven.id) !== driven) return;
    const next = world.rules.step(driven.transaction, event);
    driven.transaction = next.transaction;
    for (const command of next.commands) execute(driven, command);
    if (isOver(driven.transaction)) close(driven);
  }

  /** What has expired meanwhile isn't begun again: its first operations would only have to be undone. */
  function resume(driven: Driven, from: State, left_ms: number): void {
    const { transaction, commands } = world.rules.step(driven.transaction, { type: 'owned', state: from });
    const isTooLate = from === 'RUNNING' && left_ms <= 0 && commands.every(({ type }) => type === 'send');
    if (isTooLate) driven.transaction = transaction;
    apply(driven, isTooLate ? { type: 'expired' } : { type: 'owned', state: from });
  }

  function execute(driven: Driven, command: Command) {
    switch (command.type) {
      case 'log':
        write(driven, command);
        return;
      case 'send':
        if (command.pause_ms === 0) send(driven, command.branch, command.operation, command.attempt);
        else sendLater(driven, command);
        return;
      case 'announce':
        announce(driven, command.milestone);
    }
  }

  function write(driven: Driven, { record, lazy }: Extract<Command, { type: 'log' }>) {
    const { id, begin, isTaken } = driven;
    if (lazy) journal.end({ id, record });
    else if (isTaken) decided(driven, record, 'taken');
    else journal.decide({ id, record, begin }, (logged) => decided(driven, record, logged));
  }

  function decided(driven: Driven, record: StateRecord, logged: Logged) {
    if (open.get(driven.id) !== driven) return;
    switch (logged) {
      case 'written':
        inLog(driven);
        return apply(driven, { type: 'logged' });
      case 'taken':
        if (!driven.isTaken) world.say?.(process.name, `T${driven.id}: the key belongs to another transaction`);
        world.tally.keysTaken++;
        driven.isTaken = true;
        unlogged.delete(driven.begin!.key);
        for (const waiter of driven.waiters.splice(0)) waiter.taken();
        return apply(driven, { type: 'refused' });
      case 'refused':
        world.say?.(process.name, `T${driven.id}: the log refuses ${record.state}`);
        // What is in the log undecided isn't undone before the log says so: who finds it there next tries again.
        if (!driven.begin && record.state.startsWith('ABORT')) return drop(driven);
        return apply(driven, { type: 'refused' });
      case 'lost':
        world.say?.(process.name, `T${driven.id}: lets go of it, it isn't its owner any more`);
        return drop(driven);
    }
  }

  function send(driven: Driven, branch: number, operation: Operation, attempt: number): void {
    const { transaction, id } = driven;
    const { participant, name } = transaction.branches[branch]!;
    world.say?.(process.name, `T${id}/${name} ${operation} #${attempt} → ${participant}`);
    world.observer.asked(transaction, branch, operation, attempt, driven.faults[branch]!, driven.id);
    const inputs = inputsOf(transaction, branch);
    dispatch({
      participant,
      call: { id, branch, operation, epoch, attempt, inputs },
      onOutcome: (outcome) => heard(driven, branch, operation, outcome),
    });
  }

  function heard(driven: Driven, branch: number, operation: Operation, outcome: Outcome): void {
    const { name } = driven.transaction.branches[branch]!;
    if (open.get(driven.id) !== driven) return;
    world.say?.(process.name, `T${driven.id}/${name} ${operation} heard: ${describe(outcome)}`);
    if (outcome.type === 'failed' && !isFirst(operation) && isForGood(outcome.fault)) driven.faults[branch]!++;
    apply(driven, { type: 'outcome', branch, operation, outcome });
  }

  function sendLater(
    driven: Driven,
    { branch, operation, attempt, pause_ms }: Extract<Command, { type: 'send' }>,
  ): void {
    const again = () => {
      if (open.get(driven.id) !== driven || !isWanted(driven.transaction, branch, operation)) return;
      send(driven, branch, operation, attempt);
    };
    later(world, process, world.random.between(0, pause_ms), again, true);
  }

  function announce(driven: Driven, milestone: Milestone | 'PARKED') {
    const { transaction, id } = driven;
    const { rejection } = transaction;
    const answered = milestone === 'PARKED' ? 'PARKED' : transaction.state!;
    world.say?.(process.name, `T${id}: announces ${milestone}${milestone === 'PARKED' ? '' : ` (${answered})`}`);
    if (transaction.unlogged) return moveWaiters(driven);
    const waiters = driven.waiters;
    driven.waiters = waiters.filter((waiter) => milestone === 'DECIDED' && waiter.milestone === 'APPLIED');
    for (const waiter of waiters) {
      if (milestone !== 'DECIDED' || waiter.milestone === 'DECIDED') waiter.answer({ id, state: answered, rejection });
    }
  }

  /** Somebody with the same key finds it there now. */
  function inLog(driven: Driven): void {
    if (driven.begin) unlogged.delete(driven.begin.key);
    driven.begin = undefined;
  }

  function close(driven: Driven): void {
    inLog(driven);
    if (open.get(driven.id) === driven) open.delete(driven.id);
  }

  function drop(driven: Driven) {
    close(driven);
    moveWaiters(driven);
  }

  function moveWaiters({ waiters }: Driven) {
    for (const waiter of waiters.splice(0)) waiter.moved();
  }

  function begun(begin: Begin, waiter: Waiter, logged: Logged) {
    if (logged === 'taken') return waiter.taken();
    if (logged !== 'written' || isAbandoned) return waiter.moved();
    // Found in the log while the answer was on its way.
    const found = open.get(begin.id);
    if (found) {
      found.waiters.push(waiter);
      return;
    }
    start(own(begin.id, newTransaction(begin.branches), begin.timeout_ms), waiter);
  }

  /** Without a word in the log before its decision. Who comes with the same key meanwhile waits for the same transaction. */
  function beginUnlogged(begin: Begin, waiter: Waiter): void {
    const same = unlogged.get(begin.key);
    if (same) {
      same.waiters.push(waiter);
      return;
    }
    const driven = own(begin.id, newTransaction(begin.branches), begin.timeout_ms, begin);
    unlogged.set(begin.key, driven);
    start(driven, waiter);
  }

  function start(driven: Driven, waiter: Waiter): void {
    driven.waiters.push(waiter);
    apply(driven, { type: 'owned', state: 'RUNNING' });
  }

  return {
    begin(begin, waiter) {
      if (isAbandoned) return waiter.moved();
      if (!needsBegin(begin.branches)) return beginUnlogged(begin, waiter);
      journal.begin(begin, (logged) => begun(begin, waiter, logged));
    },
    join(id, waiter) {
      open.get(id)?.waiters.push(waiter);
      return open.has(id);
    },
    adopt(rows) {
      for (const row of rows) {
        // One that is driven here already is begun anew; who waits goes on waiting.
        const former = open.get(row.id);
        const left_ms = row.deadline_ms - world.agenda.now_ms;
        const driven = own(row.id, world.rules.recover(row), left_ms);
        driven.waiters = former?.waiters.splice(0) ?? [];
        resume(driven, row.state, left_ms);
      }
    },
    drives: (id) => open.has(id),
    compare(owned, before_ms) {
      for (const driven of [...open.values()]) {
        if (!driven.begin && driven.since_ms < before_ms && !owned.has(driven.id)) drop(driven);
      }
      return [...owned].filter((id) => !open.has(id));
    },
    abandon() {
      isAbandoned = true;
      for (const driven of [...open.values()]) drop(driven);
    },
  };
}

function describe(outcome: Outcome): string {
  switch (outcome.type) {
    case 'done':
      return outcome.readOnly ? 'done, read-only' : 'done';
    case 'rejected':
      return `rejected (${outcome.code})`;
    case 'failed':
      return `failed (${outcome.fault.code})`;
  }
}
