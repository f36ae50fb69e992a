// Drives the transactions that this incarnation of the coordinator owns: feeds the machine with events and does what it
// commands. Owns no decision of its own.
import { RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import {
  type Branch,
  type Command,
  type Event,
  type Fault,
  inputsOf,
  isFirst,
  isOver,
  isWanted,
  needsBegin,
  newTransaction,
  type Operation,
  operationOf,
  type Progress,
  type State,
  type StateRecord,
  step,
  type Transaction,
} from '@assent/transactions/protocol';
import { type Answer, answerOf, hasReached, keyReused, type Milestone, movedError, type Waiter } from './answer.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Log } from './log.ts';
import * as metrics from './metrics.ts';
import type { Begin, LoggedTransaction } from './store/index.ts';

/** `answer` waits for a milestone; undefined when the idempotency key turns out to belong to another transaction. */
export interface Begun {
  readonly answer: Promise<Answer | undefined>;
}

export interface Engine {
  /** Begins a transaction; undefined when its idempotency key is taken. */
  begin(begin: Begin, milestone: Milestone): Promise<Begun | undefined>;
  /** Waits for a transaction that is driven here; undefined when it isn't. */
  join(transactionId: string, milestone: Milestone): Promise<Answer | undefined> | undefined;
  /** Goes on with transactions that were taken over. */
  adopt(transactions: readonly LoggedTransaction[]): void;
  /** How far each branch of a transaction is; undefined when it isn't driven here. */
  look(transactionId: string): readonly BranchView[] | undefined;
  /** How many transactions it drives. */
  size(): number;
  /**
   * Lets go of those that the log doesn't have as this coordinator's, though they were already `before_ms` (by
   * performance.now()): somebody has taken them over. Returns those of the log that aren't driven here.
   * @param owned what this coordinator has open, by a look at the log that began at `before_ms` or later
   */
  compare(owned: ReadonlySet<string>, before_ms: number): string[];
  /** Lets go of everything: others own it now. Those who wait are told to ask again. */
  abandon(): void;
}

/** How far a branch is, and what its last attempt came to. */
export interface BranchView {
  readonly progress: Progress;
  readonly operation: Operation | undefined;
  readonly sentAt_ms?: number;
  readonly fault?: Fault;
}

interface Open {
  readonly id: string;
  /** By performance.now(): when it was begun here or taken over. */
  readonly since_ms: number;
  readonly traceparent: string;
  /** Until it is in the log: of one that goes there with its decision. */
  begin: Begin | undefined;
  keyTaken: boolean;
  transaction: Transaction;
  deadline: NodeJS.Timeout;
  waiters: Waiter[];
  /** Of each branch that was sent: when, and why the attempt before failed. */
  readonly sent: { at_ms: number; fault?: Fault }[];
}

export function createEngine(options: {
  epoch: bigint;
  log: Log;
  dispatcher: Dispatcher;
  maxOpen: number;
  logger: Logger;
}): Engine {
  const { epoch, log, dispatcher, maxOpen, logger } = options;
  const open = new Map<string, Open>();
  /** Those that aren't in the log yet, by their idempotency key. */
  const unlogged = new Map<string, Open>();
  let beginning = 0;
  let abandoned = false;

  function own(id: string, traceparent: string, transaction: Transaction, left_ms: number, begin?: Begin): Open {
    const deadline = setTimeout(() => apply(owned, { type: 'expired' }), Math.max(0, left_ms));
    const since_ms = performance.now();
    const owned: Open = {
      id,
      since_ms,
      traceparent,
      begin,
      keyTaken: false,
      transaction,
      deadline,
      waiters: [],
      sent: [],
    };
    open.set(id, owned);
    if (begin) unlogged.set(begin.idempotencyKey, owned);
    return owned;
  }

  function apply(owned: Open, event: Event): void {
    if (open.get(owned.id) !== owned) return;
    const next = step(owned.transaction, event);
    owned.transaction = next.transaction;
    for (const command of next.commands) execute(owned, command);
    if (owned.transaction.state !== 'RUNNING') clearTimeout(owned.deadline);
    if (isOver(owned.transaction)) close(owned);
  }

  /** What has expired meanwhile isn't begun again: its first operations would only have to be undone. */
  function resume(owned: Open, state: State, left_ms: number): void {
    const { transaction, commands } = step(owned.transaction, { type: 'owned', state });
    const isTooLate = state === 'RUNNING' && left_ms <= 0 && commands.every(({ type }) => type === 'send');
    if (isTooLate) owned.transaction = transaction;
    apply(owned, isTooLate ? { type: 'expired' } : { type: 'owned', state });
  }

  function execute(owned: Open, command: Command): void {
    switch (command.type) {
      case 'log':
        if (command.lazy) log.end({ transactionId: owned.id, record: command.record });
        else void write(owned, command.record);
        return;
      case 'send':
        if (command.pause_ms === 0) send(owned, command.branch, command.operation, command.attempt);
        else setTimeout(sendIfWanted, Math.random() * command.pause_ms, owned, command).unref();
        return;
      case 'announce':
        announce(owned, command.milestone);
    }
  }

  async function write(owned: Open, record: StateRecord): Promise<void> {
    const { id: transactionId, begin } = owned;
    const change = { transactionId, record, ...(begin && { begin }) };
    const logged = await (owned.keyTaken ? 'taken' : log.decide(change));
    switch (logged) {
      case 'written':
        inLog(owned);
        return apply(owned, { type: 'logged' });
      case 'taken':
        // Its caller joins the transaction that has the key; what this one has done is undone.
        owned.keyTaken = true;
        for (const { resolve } of owned.waiters.splice(0)) resolve(undefined);
        return apply(owned, { type: 'refused' });
      case 'refused':
        // What is in the log undecided isn't undone before the log says so: who finds it there next tries again.
        if (!owned.begin && record.state.startsWith('ABORT')) return drop(owned);
        return apply(owned, { type: 'refused' });
      case 'lost':
        return drop(owned);
    }
  }

  function send(owned: Open, branch: number, operation: Operation, attempt: number): void {
    const { participant, action, name, payload, firstPhaseRetry } = owned.transaction.branches[branch] as Branch;
    const sent = { ...owned.sent[branch], at_ms: Date.now() };
    owned.sent[branch] = sent;
    dispatcher.send({
      participant,
      call: {
        transactionId: owned.id,
        branch,
        operation,
        action,
        payload,
        inputs: inputsOf(owned.transaction, branch),
        cause: owned.transaction.rejection ?? null,
        epoch: epoch.toString(),
        attempt,
        traceparent: owned.traceparent,
      },
      isPatient: !isFirst(operation) || firstPhaseRetry?.maxAttempts === undefined,
      isWanted: () => open.get(owned.id) === owned && isWanted(owned.transaction, branch, operation),
      onOutcome(outcome) {
        if (outcome.type === 'failed') {
          sent.fault = outcome.fault;
          const of = { transactionId: owned.id, branch: name, participant, operation, attempt };
          logger.debug({ ...of, code: outcome.fault.code }, `no outcome: ${outcome.fault.message}`);
        }
        apply(owned, { type: 'outcome', branch, operation, outcome });
      },
    });
  }

  function sendIfWanted(owned: Open, { branch, operation, attempt }: Extract<Command, { type: 'send' }>): void {
    if (open.get(owned.id) !== owned || !isWanted(owned.transaction, branch, operation)) return;
    send(owned, branch, operation, attempt);
  }

  function announce(owned: Open, milestone: Extract<Command, { type: 'announce' }>['milestone']): void {
    metrics.announced(owned.transaction, milestone);
    const waiting = owned.waiters;
    const isReached = (waiter: Waiter) => milestone !== 'DECIDED' || waiter.milestone === 'DECIDED';
    owned.waiters = waiting.filter((waiter) => !isReached(waiter));
    for (const { resolve, reject } of waiting.filter(isReached)) {
      if (owned.transaction.unlogged) reject(new RpcError('INTERNAL', 'the transaction could not be logged'));
      else resolve(answerOf(owned));
    }
  }

  function inLog(owned: Open): void {
    if (owned.begin) unlogged.delete(owned.begin.idempotencyKey);
    owned.begin = undefined;
  }

  function close(owned: Open): void {
    if (open.get(owned.id) === owned) open.delete(owned.id);
    inLog(owned);
    clearTimeout(owned.deadline);
  }

  function drop(owned: Open): void {
    close(owned);
    for (const { reject } of owned.waiters.splice(0)) reject(movedError());
  }

  function wait(owned: Open, milestone: Milestone): Promise<Answer | undefined> {
    const { state, parked } = owned.transaction;
    if (owned.keyTaken) return Promise.resolve(undefined);
    if (state && (parked || hasReached(state, milestone))) return Promise.resolve(answerOf(owned));
    return new Promise((resolve, reject) => owned.waiters.push({ milestone, resolve, reject }));
  }

  /** Without a word in the log before its decision. Who comes with the same key meanwhile waits for the same transaction. */
  function beginUnlogged(begin: Begin, milestone: Milestone): Begun {
    const same = unlogged.get(begin.idempotencyKey);
    if (same?.begin && same.begin.fingerprint !== begin.fingerprint) throw keyReused();
    if (same) return { answer: wait(same, milestone) };
    const { transactionId, traceparent, branches, timeout_ms } = begin;
    return start(own(transactionId, traceparent, newTransaction(branches), timeout_ms, begin), milestone);
  }

  function start(owned: Open, milestone: Milestone): Begun {
    metrics.begun.inc({ kinds: metrics.kindsOf(owned.transaction.branches) });
    apply(owned, { type: 'owned', state: 'RUNNING' });
    return { answer: wait(owned, milestone) };
  }

  return {
    async begin(begin, milestone) {
      if (abandoned) throw movedError();
      if (open.size + beginning >= maxOpen) {
        const message = `${maxOpen} transactions are open here, no more are begun`;
        throw new RpcError('RESOURCE_EXHAUSTED', message, { reason: 'TOO_MANY_OPEN', retryDelay_ms: 500 });
      }
      for (const { participant } of begin.branches) {
        // What waits for one participant must leave room for transactions of the others.
        if (dispatcher.waitingFor(participant) < maxOpen / 2) continue;
        const message = `too many transactions wait for '${participant}', which is down`;
        throw new RpcError('RESOURCE_EXHAUSTED', message, { reason: 'PARTICIPANT_DOWN', retryDelay_ms: 1_000 });
      }
      if (!needsBegin(begin.branches) && !begin.isKeyElsewhere) return beginUnlogged(begin, milestone);
      beginning++;
      const logged = await log.begin(begin).finally(() => beginning--);
      if (logged === 'taken') return undefined;
      if (logged === 'refused') throw new RpcError('INTERNAL', 'the transaction could not be logged');
      if (logged === 'lost' || abandoned) throw movedError();
      const { transactionId, traceparent, branches, timeout_ms, begunAt_ms } = begin;
      // While the answer was on its way it was found in the log: begun anew it would not know what has been sent since.
      const found = open.get(transactionId);
      if (found) return { answer: wait(found, milestone) };
      const left_ms = timeout_ms - (performance.now() - begunAt_ms);
      return start(own(transactionId, traceparent, newTransaction(branches), left_ms), milestone);
    },
    join(transactionId, milestone) {
      const owned = open.get(transactionId);
      return owned && wait(owned, milestone);
    },
    adopt(transactions) {
      for (const { transactionId, traceparent, branches, state, left_ms, ...recorded } of transactions) {
        // One that is driven here already is begun anew, as an operator has changed it; who waits goes on waiting.
        const former = open.get(transactionId);
        if (former) close(former);
        const owned = own(transactionId, traceparent, newTransaction(branches, recorded), left_ms);
        owned.waiters = former?.waiters.splice(0) ?? [];
        resume(owned, state, left_ms);
      }
    },
    look(transactionId) {
      const owned = open.get(transactionId);
      return owned?.transaction.progress.map((progress, index) => {
        const { state = 'RUNNING' } = owned.transaction;
        const { at_ms, fault } = owned.sent[index] ?? {};
        const operation = operationOf(owned.transaction, index, state);
        return { progress, operation, ...(at_ms && { sentAt_ms: at_ms }), ...(fault && { fault }) };
      });
    },
    size: () => open.size + beginning,
    compare(ownedIds, before_ms) {
      const isGone = ({ id, begin, since_ms }: Open) => !begin && since_ms < before_ms && !ownedIds.has(id);
      for (const owned of [...open.values()].filter(isGone)) drop(owned);
      return [...ownedIds].filter((id) => !open.has(id));
    },
    abandon() {
      abandoned = true;
      for (const owned of [...open.values()]) drop(owned);
    },
  };
}
