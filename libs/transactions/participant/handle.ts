// Runs the service's own handlers on calls as they come over the wire.
import type { Sql } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { isFirst, type Operation } from '../protocol/index.ts';
import type { AnyAction, BranchCall, Handler, Json, Outcome } from './action.ts';
import type { Call } from './call.ts';
import type { Verdict } from './decide.ts';

/** Does one operation of one action. What it throws must roll the transaction of `sql` back. */
export type Handle<C = Call> = (sql: Sql, calls: readonly C[]) => Promise<readonly Verdict[]>;

export type Read =
  | { readonly type: 'good'; readonly call: BranchCall<unknown> }
  | { readonly type: 'bad'; error: RpcError };

/** A handler behind its action's parser. What can't be parsed is rejected where the operation can be, and throws otherwise. */
export function handleOf(action: AnyAction, operation: Operation, handler: Handler<unknown>, log: Logger): Handle {
  const name = `${operation} of ${action.name}`;
  const canReject = isFirst(operation);
  return async (sql, calls) => {
    const reads = calls.map((call) => readCall(action, call));
    const good = reads.flatMap((read) => (read.type === 'good' ? [read.call] : []));
    const bad = reads.find((read) => read.type === 'bad');
    if (bad && !canReject) throw bad.error;
    if (bad) log.info({ err: bad.error.cause }, `a call for ${name} does not fit`);
    const outcomes = good.length === 0 ? [] : await handler(sql, good);
    if (outcomes.length !== good.length) throw new RpcError('INTERNAL', `${name} has not answered each of its calls`);
    const rejected = outcomes.find((outcome) => outcome.type === 'rejected');
    if (rejected && !canReject) throw new RpcError('INTERNAL', `${name} cannot be rejected (${rejected.code})`);
    const next = outcomes.values();
    return reads.map((read) =>
      read.type === 'good' ? verdictOf(operation, next.next().value!) : rejectionOf(read.error),
    );
  };
}

/** Its `error` says what is wrong with the payload, to the coordinator. */
export function readCall(action: AnyAction, call: Call): Read {
  const { transactionId, branch, cause } = call;
  try {
    const inputs = Object.fromEntries(Object.entries(call.inputs).map(([name, json]) => [name, readJson(json)]));
    const payload = action.parse(readJson(call.payload));
    return { type: 'good', call: { transactionId, branch, payload, inputs, ...(cause && { cause }) } };
  } catch (cause) {
    const message = cause instanceof RpcError ? cause.message : `the payload does not fit ${action.name}`;
    return { type: 'bad', error: new RpcError('INVALID_ARGUMENT', message, { cause }) };
  }
}

function readJson(json: string): Json {
  return json === '' ? null : JSON.parse(json);
}

function rejectionOf({ code, message }: RpcError): Verdict {
  return { type: 'rejected', code, message };
}

function verdictOf(operation: Operation, outcome: Outcome): Verdict {
  switch (outcome.type) {
    case 'done': {
      const result = outcome.result === undefined ? '' : JSON.stringify(outcome.result);
      const isReadOnly = operation === 'PREPARE' && outcome.readOnly === true;
      return { type: 'done', result, ...(isReadOnly && { readOnly: true }) };
    }
    case 'rejected':
      return { type: 'rejected', code: outcome.code, message: outcome.message };
  }
}
