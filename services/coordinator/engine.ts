// Drives the transactions that this incarnation of the coordinator owns: feeds the machine with events and does what it
// commands. Owns no decision of its own.
import { RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import {
  type Branch,
  type Command,
  type Event,
  inputsOf,
  isWanted,
  newTransaction,
  type Operation,
  type Rejection,
  type State,
  step,
  type Transaction,
} from '@assent/transactions/protocol';
import { backoff_ms } from './backoff.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Log } from './log.ts';
import type { Begin, LoggedTransaction } from './store.ts';

export type Milestone = 'DECIDED' | 'APPLIED';

export interface Answer {
  readonly transactionId: string;
  readonly state: State;
  readonly rejection?: Rejection;
}

export interface Engine {
  /** Begins a transaction; undefined when its idempotency key is taken. `answer` waits for its milestone. */
  begin(begin: Begin, milestone: Milestone): Promise<{ readonly answer: Promise<Answer> } | undefined>;
  /** Waits for a transaction that is driven here; undefined when it isn't. */
  join(transactionId: string, milestone: Milestone): Promise<Answer> | undefined;
  /** Goes on with transactions that were taken over. */
  adopt(transactions: readonly LoggedTransaction[]): void;
  /** How many transactions it drives. */
  size(): number;
  /** Lets go of everything: others own it now. Those who wait are told to ask again. */
  abandon(): void;
}

interface Open {
  readonly id: string;
  readonly traceparent: string;
  transaction: Transaction;
  deadline: NodeJS.Timeout;
  waiters: Waiter[];
}

interface Waiter {
  readonly milestone: Milestone;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
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
  let beginning = 0;
  let abandoned = false;

  function own(id: string, traceparent: string, transaction: Transaction, state: State, left_ms: number): Open {
    const deadline = setTimeout(() => apply(owned, { type: 'expired' }), Math.max(0, left_ms));
    const owned: Open = { id, traceparent, transaction, deadline, waiters: [] };
    open.set(id, owned);
    apply(owned, { type: 'owned', state });
    return owned;
  }

  function apply(owned: Open, event: Event): void {
    if (open.get(owned.id) !== owned) return;
    const next = step(owned.transaction, event);
    owned.transaction = next.transaction;
    for (const command of next.commands) execute(owned, command);
    const { state } = owned.transaction;
    if (state !== 'RUNNING') clearTimeout(owned.deadline);
    if (state === 'COMMITTED' || state === 'ABORTED') open.delete(owned.id);
  }

  function execute(owned: Open, command: Command): void {
    switch (command.type) {
      case 'log':
        if (command.lazy) log.end({ transactionId: owned.id, record: command.record });
        else decide(owned, command.record);
        return;
      case 'send':
        if (command.attempt === 1) send(owned, command.branch, command.operation, 1);
        else sendLater(owned, command.branch, command.operation, command.attempt);
        return;
      case 'announce':
        announce(owned, command.milestone);
    }
  }

  async function decide(owned: Open, record: Extract<Command, { type: 'log' }>['record']): Promise<void> {
    try {
      if ((await log.decide({ transactionId: owned.id, record })) === 'written') apply(owned, { type: 'logged' });
      else drop(owned);
    } catch {
      // The log has said why. Dropped here it stays open in the log, for a person to see.
      drop(owned);
    }
  }

  function send(owned: Open, branch: number, operation: Operation, attempt: number): void {
    const { participant, action, name, payload } = owned.transaction.branches[branch] as Branch;
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
      onOutcome(outcome, error) {
        if (error) {
          const of = { transactionId: owned.id, branch: name, participant, operation, attempt };
          logger.debug({ ...of, code: error.code }, `no outcome: ${error.message}`);
        }
        apply(owned, { type: 'outcome', branch, operation, outcome });
      },
    });
  }

  function sendLater(owned: Open, branch: number, operation: Operation, attempt: number): void {
    setTimeout(
      () => {
        if (open.get(owned.id) !== owned || !isWanted(owned.transaction, branch, operation)) return;
        send(owned, branch, operation, attempt);
      },
      backoff_ms(attempt - 1),
    );
  }

  function announce(owned: Open, milestone: Milestone): void {
    const waiting = owned.waiters;
    owned.waiters = waiting.filter((waiter) => !reached(milestone, waiter.milestone));
    for (const waiter of waiting) if (reached(milestone, waiter.milestone)) waiter.resolve(answerOf(owned));
  }

  function drop(owned: Open): void {
    if (open.get(owned.id) === owned) open.delete(owned.id);
    clearTimeout(owned.deadline);
    for (const { reject } of owned.waiters.splice(0)) reject(movedError());
  }

  function wait(owned: Open, milestone: Milestone): Promise<Answer> {
    const { state } = owned.transaction;
    if (state && hasReached(state, milestone)) return Promise.resolve(answerOf(owned));
    return new Promise((resolve, reject) => owned.waiters.push({ milestone, resolve, reject }));
  }

  return {
    async begin(begin, milestone) {
      if (abandoned) throw movedError();
      if (open.size + beginning >= maxOpen) {
        const message = `${maxOpen} transactions are open here, no more are begun`;
        throw new RpcError('RESOURCE_EXHAUSTED', message, { reason: 'TOO_MANY_OPEN', retryDelay_ms: 500 });
      }
      beginning++;
      const logged = await log.begin(begin).finally(() => beginning--);
      if (logged === 'taken') return undefined;
      if (logged === 'lost' || abandoned) throw movedError();
      const { transactionId, traceparent, branches, timeout_ms } = begin;
      const owned = own(transactionId, traceparent, newTransaction(branches), 'RUNNING', timeout_ms);
      return { answer: wait(owned, milestone) };
    },
    join(transactionId, milestone) {
      const owned = open.get(transactionId);
      return owned && wait(owned, milestone);
    },
    adopt(transactions) {
      for (const { transactionId, traceparent, branches, results, rejection, state, left_ms } of transactions) {
        const recorded = { results, ...(rejection && { rejection }) };
        own(transactionId, traceparent, newTransaction(branches, recorded), state, left_ms);
      }
    },
    size: () => open.size + beginning,
    abandon() {
      abandoned = true;
      for (const owned of [...open.values()]) drop(owned);
    },
  };
}

/** Whether a transaction in this state has passed the milestone. */
export function hasReached(state: State, milestone: Milestone): boolean {
  return state === 'COMMITTED' || state === 'ABORTED' || (milestone === 'DECIDED' && state !== 'RUNNING');
}

function reached(announced: Milestone, wanted: Milestone): boolean {
  return announced === 'APPLIED' || wanted === 'DECIDED';
}

function answerOf({ id, transaction }: Open): Answer {
  const { state, rejection } = transaction;
  return { transactionId: id, state: state ?? 'RUNNING', ...(rejection && { rejection }) };
}

/** Asking again with the same idempotency key finds the coordinator that owns the transaction now. */
export function movedError(): RpcError {
  const message = 'another coordinator takes over this transaction: ask again with the same idempotency key';
  return new RpcError('UNAVAILABLE', message, { reason: 'MOVED', retryDelay_ms: 50 });
}
