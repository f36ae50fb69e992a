// One call to a server. It goes straight to the channel: grpc-js's own client puts an emitter, two layers of interceptors
// and a captured stack around each call, a fifth of its cost.
import { type Channel, type experimental, type MethodDefinition, type StatusObject, status } from '@grpc/grpc-js';
import type { CallOptions } from './call.ts';
import { RpcError } from './errors.ts';
import { fromStatus } from './status.ts';
import { type ClientSpans, endSpan } from './tracing.ts';

/** A method of a service at the other end of a channel. */
export interface Method {
  /** Such as `assent.order.v1.OrderService/GetOrder`. */
  readonly name: string;
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly channel: Channel;
  readonly timeout_ms: number;
  readonly startSpan: ClientSpans;
}

interface Receiver {
  /** Comes once for each time the call was asked to read. */
  message(bytes: Buffer): void;
  /** Comes last, with the error if the call failed. */
  end(error: RpcError | undefined): void;
}

/** Calls a method that gives one response. */
export function callUnary(method: Method, request: unknown, options: CallOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let response: Buffer | undefined;
    const call = start(method, request, options, {
      message(bytes) {
        response = bytes;
      },
      end(error) {
        if (error) return reject(error);
        try {
          resolve(decode(method, response));
        } catch (undecodable) {
          reject(undecodable);
        }
      },
    });
    call.startRead();
  });
}

/** Calls a method that gives a stream of responses, when the first is asked for. Ends the call when nobody reads on. */
export async function* callStream(
  method: Method,
  request: unknown,
  options: CallOptions = {},
): AsyncGenerator<unknown, void, void> {
  const messages: Buffer[] = [];
  let ended = false;
  let failure: RpcError | undefined;
  let wake = () => {};
  const call = start(method, request, options, {
    message(bytes) {
      messages.push(bytes);
      wake();
    },
    end(error) {
      ended = true;
      failure = error;
      wake();
    },
  });
  try {
    while (!ended || messages.length > 0) {
      const next = messages.shift();
      if (next) yield decode(method, next);
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
          // One message at a time: who reads slowly slows the server down.
          call.startRead();
        });
    }
    if (failure) throw failure;
  } finally {
    if (!ended) call.cancelWithStatus(status.CANCELLED, 'nobody reads on');
  }
}

function start(method: Method, request: unknown, options: CallOptions, receiver: Receiver): experimental.CallStream {
  const bytes = encode(method, request);
  const { span, metadata } = method.startSpan();
  const call = createCall(method, options);
  const forget = cancelOnAbort(call, options);
  call.start(metadata, {
    onReceiveMetadata() {},
    onReceiveMessage: (bytes: Buffer) => receiver.message(bytes),
    onReceiveStatus(received: StatusObject) {
      forget?.();
      const error = received.code === status.OK ? undefined : fromStatus(received, method.name);
      endSpan(span, 'client', error);
      receiver.end(error);
    },
  });
  call.sendMessageWithContext({}, bytes);
  call.halfClose();
  return call;
}

function createCall(method: Method, { timeout_ms = method.timeout_ms, parent }: CallOptions): experimental.CallStream {
  const deadline_ms = Math.min(Date.now() + timeout_ms, parent?.deadline_ms ?? Infinity);
  try {
    return method.channel.createCall(method.definition.path, deadline_ms, null, null, null);
  } catch (cause) {
    throw new RpcError('UNAVAILABLE', `${method.name}: the client is closed`, { cause });
  }
}

/** Gives what undoes it, for the end of the call: the signals may live much longer. */
function cancelOnAbort(call: experimental.CallStream, { signal, parent }: CallOptions): (() => void) | undefined {
  if (!signal && !parent) return undefined;
  const signals = [signal, parent?.signal].filter((signal) => signal !== undefined);
  const cancel = () => call.cancelWithStatus(status.CANCELLED, 'cancelled by the caller');
  if (signals.some(({ aborted }) => aborted)) cancel();
  for (const signal of signals) signal.addEventListener('abort', cancel);
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
  };
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
