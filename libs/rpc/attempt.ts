// One attempt of a call. It goes straight to the channel: grpc-js's own client puts an emitter, two layers of interceptors
// and a captured stack around each call, a fifth of its cost.
import { AVOID } from '@assent/discovery';
import {
  type Channel,
  type experimental,
  type Metadata,
  type MethodDefinition,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import type { Call } from './call.ts';
import type { ClientCounts } from './counting.ts';
import { RpcError } from './errors.ts';
import type { Hedging } from './hedging.ts';
import type { Latency } from './latency.ts';
import type { Measure } from './measuring.ts';
import type { RetryBudget, RetryPolicy } from './retry.ts';
import { fromStatus } from './status.ts';
import type { CallSpan, ClientSpans } from './tracing.ts';

/** A method of a service at the other end of a channel. */
export interface Method {
  /** Such as `assent.order.v1.OrderService/GetOrder`. */
  readonly name: string;
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly channel: Channel;
  /** Whether the balancer can be told what endpoint to avoid. */
  readonly canAvoid: boolean;
  readonly timeout_ms: number;
  /** Undefined when the contract doesn't say that the method is safe to repeat. */
  readonly retries: { readonly policy: RetryPolicy; readonly budget: RetryBudget } | undefined;
  /** Undefined when the method isn't a unary one without side effects, or shall not be hedged. */
  readonly hedging: Hedging | undefined;
  readonly latency: Latency;
  readonly startSpan: ClientSpans;
  readonly measure: Measure;
  readonly count: ClientCounts;
}

/** What all attempts of a call share. */
export interface Outgoing {
  readonly request: Buffer;
  readonly metadata: Metadata;
  /** By performance.now(). */
  readonly deadline_ms: number;
  /** Any of them cancels the call. */
  readonly signals: readonly AbortSignal[];
  readonly span: CallSpan;
  /** Not when it is made for a call that is a further attempt itself: attempts would multiply from hop to hop. */
  readonly isHedged: boolean;
  /** How many have been made. */
  attempts: number;
  /** The endpoint that is not to be asked again, if there is another. */
  avoid: string | undefined;
  /** When the server wants to be asked again, as it has said after the last attempt; negative: never. */
  pushback_ms: number | undefined;
}

export interface Receiver {
  /** Comes once for each time the call was asked to read. */
  message(bytes: Buffer): void;
  /** Comes last, with the error if the attempt failed. */
  end(error: RpcError | undefined): void;
}

// https://github.com/grpc/proposal/blob/master/A6-client-retries.md
const PREVIOUS_ATTEMPTS = 'grpc-previous-rpc-attempts';
const PUSHBACK = 'grpc-retry-pushback-ms';

export function start(method: Method, outgoing: Outgoing, receiver: Receiver): experimental.CallStream {
  const call = createCall(method, outgoing);
  const forget = cancelOnAbort(call, outgoing);
  call.start(metadataOf(method, outgoing), {
    onReceiveMetadata() {},
    onReceiveMessage: (bytes: Buffer) => receiver.message(bytes),
    onReceiveStatus(received: StatusObject) {
      forget?.();
      if (received.code === status.OK) return receiver.end(undefined);
      outgoing.avoid = endpointOf(call);
      outgoing.pushback_ms = pushbackOf(received);
      const cancelled = outgoing.signals.some(({ aborted }) => aborted);
      receiver.end(fromStatus(received, method.name, cancelled));
    },
  });
  call.sendMessageWithContext({}, outgoing.request);
  call.halfClose();
  outgoing.attempts++;
  return call;
}

function createCall({ name, definition, channel }: Method, { deadline_ms }: Outgoing): experimental.CallStream {
  try {
    // grpc-js takes it by the system's clock, and makes it a time to wait at once.
    const until_ms = Date.now() + deadline_ms - performance.now();
    return channel.createCall(definition.path, until_ms, null, null, null);
  } catch (cause) {
    throw new RpcError('CANCELLED', `${name}: the client is closed`, { cause });
  }
}

function metadataOf({ canAvoid }: Method, { metadata, attempts, avoid }: Outgoing): Metadata {
  if (attempts === 0) return metadata;
  const again = metadata.clone();
  again.set(PREVIOUS_ATTEMPTS, String(attempts));
  if (canAvoid && avoid !== undefined) again.set(AVOID, avoid);
  return again;
}

/** The address that a call has gone to. grpc-js itself tells that only when something has come from there. */
export function endpointOf(call: experimental.CallStream): string | undefined {
  const { child } = call as unknown as { child?: { underlyingCalls: { call: experimental.CallStream }[] } | null };
  return child?.underlyingCalls.at(-1)?.call.getPeer();
}

/** Whether a call that a server is answering is a retry or a hedge. */
export function isFurtherAttempt({ metadata }: Call): boolean {
  return metadata.get(PREVIOUS_ATTEMPTS).length > 0;
}

/** What can't be read is a no. */
function pushbackOf({ metadata }: StatusObject): number | undefined {
  const [sent] = metadata.get(PUSHBACK);
  if (sent === undefined) return undefined;
  return /^\d{1,9}$/.test(String(sent)) ? Number(sent) : -1;
}

/** Gives what undoes it, for the end of the call: the signals may live much longer. */
function cancelOnAbort(call: experimental.CallStream, { signals }: Outgoing): (() => void) | undefined {
  if (signals.length === 0) return undefined;
  const cancel = () => call.cancelWithStatus(status.CANCELLED, 'cancelled by the caller');
  if (signals.some(({ aborted }) => aborted)) cancel();
  for (const signal of signals) signal.addEventListener('abort', cancel);
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
  };
}
