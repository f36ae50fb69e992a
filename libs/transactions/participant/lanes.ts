// A lane for each operation of each action.
import type { Database } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import { inSpan, type Logger, withTraceparent } from '@assent/telemetry';
import { type Link, trace } from '@opentelemetry/api';
import type { Operation } from '../protocol/index.ts';
import type { AnyAction, HandledOperation } from './action.ts';
import { answerBatch, type Batching } from './batch.ts';
import type { Answer, Call } from './call.ts';
import type { Verdict } from './decide.ts';
import { failureOf } from './failure.ts';
import { type Handle, handleOf } from './handle.ts';
import { createLane, type Lane, type LaneOptions } from './lane.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepared.ts';

export interface LanesOptions {
  readonly database: Database;
  readonly prepared: Prepared;
  readonly prepareLockTimeout_ms: number;
  readonly actions: readonly AnyAction[];
  readonly log: Logger;
  readonly batchSize: number;
  readonly queueSize: number;
  readonly concurrency: number;
  readonly prepareConcurrency: number;
  readonly isTooLate: (call: Call) => boolean;
}

/** The lanes of one database. */
export interface Lanes {
  /** The lane of an operation of an action; undefined when no action has it. */
  (operation: Operation, action: string): ActionLane | undefined;
  /** How many calls wait in each. */
  waiting(): Waiting[];
}

export interface Waiting {
  readonly operation: string;
  readonly action: string;
  readonly calls: number;
}

export interface ActionLane extends Lane<Call, Answer> {
  readonly action: AnyAction;
  readonly operation: Operation;
}

export function createLanes(options: LanesOptions): Lanes {
  const lanes = new Map<string, ActionLane>();
  for (const action of options.actions) {
    for (const [operation, lane] of lanesOf(options, action)) {
      const key = `${operation} ${action.name}`;
      if (lanes.has(key)) throw new Error(`there are two actions named '${action.name}' with ${operation}`);
      const { submit, waiting } = createLane({ ...lane, work: traced(key, lane.work) });
      const submitInTime = (call: Call) => (options.isTooLate(call) ? Promise.resolve(tooLate) : submit(call));
      lanes.set(key, { action, operation, submit: submitInTime, waiting });
    }
  }
  const find = (operation: Operation, action: string) => lanes.get(`${operation} ${action}`);
  const waiting = () =>
    [...lanes.values()].map(({ operation, action, waiting }) => ({ operation, action: action.name, calls: waiting() }));
  return Object.assign(find, { waiting });
}

const tooLate = failureOf(new RpcError('FAILED_PRECONDITION', 'the barrier of so old a transaction is gone'));

type Work = LaneOptions<Call, Answer>['work'];

function lanesOf(options: LanesOptions, action: AnyAction): [Operation, LaneOptions<Call, Answer>][] {
  const { database, prepared, log, batchSize, queueSize, concurrency, prepareConcurrency } = options;
  const preparing = { database, prepared, lockTimeout_ms: options.prepareLockTimeout_ms };
  const onError = (error: unknown, calls: readonly Call[]) => logError(log, error, calls);
  const oneByOne = (work: (call: Call) => Promise<Verdict>) => ({
    batchSize: 1,
    queueSize,
    concurrency: prepareConcurrency,
    work: answerOne(work, onError),
  });
  const inBatches = (operation: Batching['operation'], handle: Handle) => ({
    batchSize,
    queueSize,
    concurrency,
    work: ((calls, settle) => answerBatch({ database, operation, handle }, calls, settle, onError)) satisfies Work,
  });
  return Object.entries(action.handlers).flatMap(([name, handler]): [Operation, LaneOptions<Call, Answer>][] => {
    const operation = name as HandledOperation;
    const handle = handleOf(action, operation, handler, log);
    if (operation === 'PREPARE') {
      return [
        ['PREPARE', oneByOne((call) => prepare(preparing, handle, call))],
        ['COMMIT', oneByOne(prepared.commit)],
        ['ROLLBACK', oneByOne(prepared.rollback)],
        ['COMMIT_ONE_PHASE', inBatches('COMMIT_ONE_PHASE', handleOf(action, 'COMMIT_ONE_PHASE', handler, log))],
      ];
    }
    return [[operation, inBatches(operation, handle)]];
  });
}

function answerOne(
  work: (call: Call) => Promise<Verdict>,
  onError: (error: unknown, calls: readonly Call[]) => void,
): Work {
  return async (calls, settle) => {
    for (const [index, call] of calls.entries()) {
      try {
        settle(index, await work(call));
      } catch (error) {
        onError(error, [call]);
        settle(index, failureOf(error));
      }
    }
  };
}

/** A span for each batch: part of its first call's trace, and linked to the other calls'. */
function traced(name: string, work: Work): Work {
  return (calls, settle) => {
    const [first = '', ...others] = calls.map((call) => call.traceparent).filter(Boolean);
    const attributes = { 'assent.batch_size': calls.length };
    return withTraceparent(first, () =>
      inSpan(name, { attributes, links: others.flatMap(linkTo) }, () => work(calls, settle)),
    );
  };
}

function linkTo(traceparent: string): Link[] {
  const context = withTraceparent(traceparent, () => trace.getActiveSpan()?.spanContext());
  return context ? [{ context }] : [];
}

function logError(log: Logger, error: unknown, calls: readonly Call[]): void {
  const { operation, action, transactionId, branch, attempt } = calls[0]!;
  const which = calls.length > 1 ? { calls: calls.length } : { transactionId, branch, attempt };
  log.warn({ err: error, operation, action, ...which }, 'branch calls failed');
}
