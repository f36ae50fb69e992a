// From functions of requests to what grpc-js calls.
import type { Logger } from '@assent/telemetry';
import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream, serialize } from '@grpc/grpc-js';
import type { Call } from './call.ts';
import { RpcError } from './errors.ts';
import { IncomingCall } from './incoming.ts';
import { serverMeasure } from './measuring.ts';
import type { Gate, Leave } from './overload/gate.ts';
import { toStatus } from './status.ts';
import type { Guard } from './tls/guard.ts';
import { endSpan, serverSpans } from './tracing.ts';

export type UnaryFunction = (request: unknown, call: Call) => Promise<unknown>;
export type StreamFunction = (request: unknown, call: Call) => AsyncIterable<unknown>;

/** What handlers have in common. */
export interface HandlerOptions {
  /** The full name. */
  readonly method: string;
  readonly present: Presenter;
  readonly gate: Gate;
  /** Everybody may call it without one. */
  readonly guard: Guard | undefined;
}

/** Answers with what the function gives. */
export function unaryHandler(
  { method, present, gate, guard }: HandlerOptions,
  answer: UnaryFunction,
): handleUnaryCall<unknown, unknown> {
  const inSpan = serverSpans(method);
  const measure = serverMeasure(method);
  return (grpcCall, reply) => {
    const call = new IncomingCall(grpcCall);
    const { begin_ms } = call;
    const work = (leave: Leave) =>
      inSpan(call.metadata, async (span) => {
        try {
          const response = await answer(grpcCall.request, call);
          call.answered();
          reply(null, response);
          leave(false);
          endSpan(span, 'server');
          measure(begin_ms);
        } catch (thrown) {
          const error = present(thrown, method);
          call.answered();
          reply(toStatus(error));
          leave(true);
          endSpan(span, 'server', error);
          measure(begin_ms, error);
        }
      });
    const refuse = (error: RpcError) => {
      call.answered();
      reply(toStatus(error));
      measure(begin_ms, error);
    };
    const denied = guard?.(grpcCall);
    if (denied) refuse(denied);
    else gate(grpcCall.request, call, work, refuse);
  };
}

/** Sends what the function gives, as fast as the client takes it. */
export function streamHandler(
  {
    method,
    present,
    gate,
    guard,
    until = 'end',
  }: HandlerOptions & { readonly until?: 'first message' | 'end' | undefined },
  answer: StreamFunction,
): handleServerStreamingCall<unknown, unknown> {
  const inSpan = serverSpans(method);
  const measure = serverMeasure(method);
  return (stream) => {
    const call = new IncomingCall(stream);
    const { begin_ms } = call;
    const work = (leaveGate: Leave) =>
      inSpan(call.metadata, async (span) => {
        const leave = once(leaveGate);
        try {
          const onMessage = until === 'first message' ? () => leave(false) : undefined;
          await send(answer(stream.request, call), stream, onMessage);
          call.answered();
          stream.end();
          leave(false);
          endSpan(span, 'server');
          measure(begin_ms);
        } catch (thrown) {
          const error = present(thrown, method);
          call.answered();
          // How grpc-js wants to be told the status of a stream.
          stream.emit('error', toStatus(error));
          leave(true);
          endSpan(span, 'server', error);
          measure(begin_ms, error);
        }
      });
    const refuse = (error: RpcError) => {
      call.answered();
      stream.emit('error', toStatus(error));
      measure(begin_ms, error);
    };
    const denied = guard?.(stream);
    if (denied) refuse(denied);
    else gate(stream.request, call, work, refuse);
  };
}

function once(leave: Leave): Leave {
  let hasLeft = false;
  return (hasFailed) => {
    if (!hasLeft) leave(hasFailed);
    hasLeft = true;
  };
}

async function send(
  messages: AsyncIterable<unknown>,
  stream: ServerWritableStream<unknown, unknown>,
  onMessage: (() => void) | undefined,
): Promise<void> {
  for await (const message of messages) {
    if (stream.cancelled) return;
    onMessage?.();
    if (!stream.write(message)) await writable(stream);
  }
}

function writable(stream: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Serializes responses; grpc-js alone would keep to itself that one doesn't fit its type. */
export function loudly(serialize: serialize<unknown>, method: string, log: Logger): serialize<unknown> {
  return (response) => {
    try {
      return serialize(response);
    } catch (error) {
      log.error({ err: error, method }, 'a response does not fit its type');
      throw error;
    }
  };
}

/** Makes the error that a client of the method is shown of whatever was thrown. */
export type Presenter = (thrown: unknown, method: string) => RpcError;

// What isn't an RpcError, and means nothing to the service either, was not meant for the client's eyes.
export function presenter(log: Logger, mapError: (error: unknown) => RpcError | undefined): Presenter {
  return (thrown, method) => {
    const known = thrown instanceof RpcError ? thrown : mapError(thrown);
    const error = known ?? new RpcError('INTERNAL', 'internal error', { cause: thrown });
    if (error.code === 'INTERNAL') log.error({ err: error.cause ?? error, method }, 'a call failed');
    return error;
  };
}
