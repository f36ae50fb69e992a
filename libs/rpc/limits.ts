import type { ServerOptions } from '@grpc/grpc-js';
import type { LimiterOptions } from './overload/limiter.ts';
import type { SessionLimits } from './sessions.ts';

/** What a server puts up with. */
export interface Limits {
  /** 4 MiB. */
  readonly maxMessage_bytes?: number;
  /** Calls at a time on one connection; 1000. */
  readonly maxConcurrentStreams?: number;
  /** What one connection may make the server hold; 64. */
  readonly maxSessionMemory_MB?: number;
  /** Connections; 1000. More are dropped as they come. */
  readonly maxConnections?: number;
  /** After how long a client is asked to connect anew, without losing a call; half an hour, 10 % more or less. */
  readonly maxConnectionAge_ms?: number;
  /** Calls under way, found out for each method by itself. False: as many as come. */
  readonly concurrency?: ConcurrencyLimits | false;
}

/**
 * How a server finds out how many calls of a method it takes on at a time; docs/overload.md says how these work together. The
 * defaults let every load pass that isn't one: servers that work in batches take longer with more calls, and get more done.
 */
export interface ConcurrencyLimits {
  /** So many are let in before their latency is looked at; 1000. */
  readonly initial?: number;
  /** So many always are; 32. */
  readonly min?: number;
  /** So many at most, however well it goes; as many of the urgent ones come in on top of it; 4000. */
  readonly max?: number;
  /** How many times longer than usual calls may take; 2. */
  readonly tolerance?: number;
  /** So long calls may take in any case; 100. */
  readonly calm_ms?: number;
  /** So many may wait to be let in; 100. */
  readonly queue?: number;
  /** For so long, as long as the queue drains now and then; 100. When it doesn't, a fifth of it. */
  readonly patience_ms?: number;
}

export function limiterOptions(limits: ConcurrencyLimits): LimiterOptions {
  const {
    initial = 1_000,
    min = 32,
    max = 4_000,
    tolerance = 2,
    calm_ms = 100,
    queue = 100,
    patience_ms = 100,
  } = limits;
  return {
    initial: Math.min(max, Math.max(min, initial)),
    min,
    max,
    tolerance,
    calm_ms,
    memory_ms: 10_000,
    window_ms: 100,
    windowCalls: 10,
    queue: { size: queue, patience_ms, hurry_ms: patience_ms / 5 },
  };
}

export function sessionLimits({ maxConnections = 1_000, maxConnectionAge_ms = 1_800_000 }: Limits): SessionLimits {
  return { maxConnections, maxAge_ms: maxConnectionAge_ms };
}

/** The limits as grpc-js takes them. That on the age of connections isn't among them: see sessions.ts. */
export function serverOptions({
  maxMessage_bytes = 4 * 1024 * 1024,
  maxConcurrentStreams = 1_000,
  maxSessionMemory_MB = 64,
}: Limits): ServerOptions {
  return {
    'grpc.max_receive_message_length': maxMessage_bytes,
    'grpc.max_send_message_length': maxMessage_bytes,
    'grpc.max_concurrent_streams': maxConcurrentStreams,
    'grpc-node.max_session_memory': maxSessionMemory_MB,
    // Connections whose client is gone without a word.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 10_000,
  };
}
