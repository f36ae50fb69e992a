// Calls to a server, made of one or more attempts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Method, Outgoing } from './attempt.ts';
import type { CallOptions } from './call.ts';
import { RpcError } from './errors.ts';
import { receiveAll, receiveOne } from './receive.ts';
import { waitBeforeRetry } from './retry.ts';
import { endSpan } from './tracing.ts';

/** Calls a method that gives one response. */
export async function callUnary(method: Method, request: unknown, options: CallOptions = {}): Promise<unknown> {
  const { span, metadata } = method.startSpan();
  const begin_ms = performance.now();
  try {
    const outgoing = outgoingCall(method, request, metadata, options);
    for (let attempts = 1; ; attempts++) {
      try {
        const response = decode(method, await receiveOne(method, outgoing));
        method.retries?.succeeded();
        endSpan(span, 'client');
        method.measure(begin_ms);
        return response;
      } catch (error) {
        await beforeRetry(method, outgoing, error as RpcError, attempts);
      }
    }
  } catch (error) {
    endSpan(span, 'client', error as RpcError);
    method.measure(begin_ms, error as RpcError);
    throw error;
  }
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
    const outgoing = outgoingCall(method, request, metadata, options);
    let begun = false;
    for (let attempts = 1; ; attempts++) {
      try {
        for await (const bytes of receiveAll(method, outgoing)) {
          begun = true;
          yield decode(method, bytes);
        }
        method.retries?.succeeded();
        return;
      } catch (error) {
        if (begun) throw error;
        await beforeRetry(method, outgoing, error as RpcError, attempts);
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

function outgoingCall(
  method: Method,
  request: unknown,
  metadata: Outgoing['metadata'],
  { parent, timeout_ms = method.timeout_ms, signal, metadata: along = {} }: CallOptions,
): Outgoing {
  return {
    request: encode(method, request),
    metadata: withMetadata(metadata, Object.entries(along)),
    deadline_ms: Math.min(performance.now() + timeout_ms, parent?.deadline_ms ?? Infinity),
    signals: [signal, parent?.signal].filter((signal) => signal !== undefined),
  };
}

function withMetadata(metadata: Outgoing['metadata'], along: [string, string][]): Outgoing['metadata'] {
  if (along.length === 0) return metadata;
  const all = metadata.clone();
  for (const [key, value] of along) all.set(key, value);
  return all;
}

/** Waits until the call may be tried again; throws its error when it may not, or not in time. */
async function beforeRetry(method: Method, outgoing: Outgoing, error: RpcError, attempts: number): Promise<void> {
  const wait_ms = method.retries && waitBeforeRetry(error, attempts, Math.random);
  if (wait_ms === undefined || !method.retries?.failed()) throw error;
  if (performance.now() + wait_ms >= outgoing.deadline_ms) throw error;
  // When it is cancelled meanwhile, the next attempt says so.
  await sleep(wait_ms, undefined, { signal: AbortSignal.any([...outgoing.signals]) }).catch(() => {});
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
