import type { ServerOptions } from '@grpc/grpc-js';

/** What a server puts up with. */
export interface Limits {
  /** 4 MiB. */
  readonly maxMessage_bytes?: number;
  /** Calls at a time on one connection; 1000. */
  readonly maxConcurrentStreams?: number;
  /** What one connection may make the server hold; 64. */
  readonly maxSessionMemory_MB?: number;
}

/**
 * The limits as grpc-js takes them. There is none on the age of connections: grpc-js can cancel calls when it ends one
 * under load, and clients learn of new replicas by discovery and balance each call anyway.
 */
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
