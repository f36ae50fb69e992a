// Calls to a server, made of one or more attempts.
import { setTimeout as sleep } from 'node:timers/promises';
import { isFurtherAttempt, type Method, type Outgoing } from './attempt.ts';
import type { CallOptions } from './call.ts';
import { deadline_ms, hasTime, patience_ms } from './deadline.ts';
import { RpcError } from './errors.ts';
import { receiveFirst } from './hedging.ts';
import { receiveAll, receiveOne } from './receive.ts';
import { waitBeforeRetry } from './retry.ts';
import { type CallSpan, endSpan, noteAttempt } from './tracing.ts';

/** Calls a method that gives one response. */
export async function callUnary(method: Method, request: unknown, options: CallOptions = {}): Promise<unknown> {
  const { span, metadata } = method.startSpan();
  const begin_ms = performance.now();
  try {
    const outgoing = outgoingCall(method, request, metadata, span, begin_ms, options);
    for (;;) {
      const attempt_ms = outgoing.attempts === 0 ? begin_ms : performance.now();
      try {
        const response = decode(method, await receive(method, outgoing, attempt_ms));
        const end_ms = performance.now();
        method.latency.observe(end_ms - attempt_ms, end_ms);
        method.retries?.budget.succeeded();
        endSpan(span, 'client');
        method.measure(begin_ms);
        return response;
      } catch (error) {
        await beforeRetry(method, outgoing, error as RpcError);
      }
    }
  } catch (error) {
    endSpan(span, 'client', error as RpcError);
    method.measure(begin_ms, error as RpcError);
    throw error;
  }
}

/** One attempt; or more, when it takes longer than usual and the method is one to be hedged. */
function receive(method: Method, outgoing: Outgoing, now_ms: number): Promise<Buffer | undefined> {
  const { hedging } = method;
  if (!hedging || !outgoing.isHedged) return receiveOne(method, outgoing);
  hedging.budget.called();
  return receiveFirst(method, outgoing, hedging.delay_ms(), patience_ms(outgoing.deadline_ms - now_ms));
}

/**
 * Calls a method that gives a stream of responses, when the first is asked for. It is tried again as long as there was
 * none. When nobody reads on, the call is cancelled.
 */
export async function* callStream(
  method: Method,
  request: unknown,
  options: CallOptions = {},
): AsyncGenerator<unknown, void, void> {
  const { span, metadata } = method.startSpan();
  const begin_ms = performance.now();
  let failure: RpcError | undefined;
  try {
    const outgoing = outgoingCall(method, request, metadata, span, begin_ms, options);
    let begun = false;
    for (;;) {
      try {
        for await (const bytes of receiveAll(method, outgoing)) {
          begun = true;
          yield decode(method, bytes);
        }
        method.retries?.budget.succeeded();
        return;
      } catch (error) {
        if (begun) throw error;
        await beforeRetry(method, outgoing, error as RpcError);
      }
    }
  } catch (error) {
    failure = error as RpcError;
    throw error;
  } finally {
    endSpan(span, 'client', failure);
    method.measure(begin_ms, failure);
  }
}

/** Throws when there isn't time enough for it. */
function outgoingCall(
  method: Method,
  request: unknown,
  metadata: Outgoing['metadata'],
  span: CallSpan,
  now_ms: number,
  { parent, timeout_ms = method.timeout_ms, signal, metadata: along }: CallOptions,
): Outgoing {
  const until_ms = deadline_ms(now_ms, timeout_ms, parent?.deadline_ms);
  if (!hasTime(until_ms - now_ms, method.latency.fastest_ms(now_ms))) {
    method.count.late();
    throw new RpcError('DEADLINE_EXCEEDED', `${method.name} takes longer than there is time left`, {
      reason: 'NO_TIME',
    });
  }
  return {
    request: encode(method, request),
    metadata: along ? withMetadata(metadata, Object.entries(along)) : metadata,
    deadline_ms: until_ms,
    signals: [signal, parent?.signal].filter((signal) => signal !== undefined),
    span,
    isHedged: !parent || !isFurtherAttempt(parent),
    attempts: 0,
    avoid: undefined,
    pushback_ms: undefined,
  };
}

function withMetadata(metadata: Outgoing['metadata'], along: [string, string][]): Outgoing['metadata'] {
  if (along.length === 0) return metadata;
  const all = metadata.clone();
  for (const [key, value] of along) all.set(key, value);
  return all;
}

/** Waits until the call may be tried again; throws its error when it may not, or not in time. */
async function beforeRetry(method: Method, outgoing: Outgoing, error: RpcError): Promise<void> {
  const { retries, count, latency } = method;
  const { attempts, pushback_ms, deadline_ms, signals, span } = outgoing;
  if (!retries) throw error;
  const wait_ms = waitBeforeRetry(error, attempts, Math.random, retries.policy, pushback_ms);
  if (wait_ms === undefined) throw error;
  if (!retries.budget.failed()) {
    count.exhausted('retry');
    throw error;
  }
  const then_ms = performance.now() + wait_ms;
  if (!hasTime(deadline_ms - then_ms, latency.fastest_ms(then_ms))) {
    count.late();
    throw error;
  }
  count.attempted('retry');
  noteAttempt(span, 'retry', attempts, { 'rpc.status_code': error.code, 'assent.rpc.after_ms': wait_ms });
  // When it is cancelled meanwhile, the next attempt says so.
  await sleep(wait_ms, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => {});
}

function encode({ name, definition }: Method, request: unknown): Buffer {
  try {
    return definition.requestSerialize(request);
  } catch (cause) {
    throw new RpcError('INTERNAL', `${name}: the request can't be encoded`, { cause });
  }
}

function decode({ name, definition }: Method, response: Buffer | undefined): unknown {
  if (!response) throw new RpcError('INTERNAL', `${name} gave no response`);
  try {
    return definition.responseDeserialize(response);
  } catch (cause) {
    throw new RpcError('INTERNAL', `${name}: the response can't be decoded`, { cause });
  }
}
