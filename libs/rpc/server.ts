import type { Service } from '@assent/protos';
import type { Logger } from '@assent/telemetry';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Implementation } from './methods.ts';

/** A service with its implementation, ready to be served. */
export interface RpcService {
  readonly service: Service;
  readonly implementation: Implementation<UntypedServiceImplementation>;
}

/** What a server puts up with. */
export interface Limits {
  readonly maxMessage_bytes?: number;
  readonly maxConcurrentStreams?: number;
  readonly maxSessionMemory_MB?: number;
}

export interface RpcServer {
  readonly port: number;
  /** What health checks are told, of the server as a whole and of each of its services. At first false. */
  setServing(serving: boolean): void;
  /** Says NOT_SERVING, takes no new connections and calls, and waits for the calls under way; after `timeout_ms` it cancels those that are left. */
  drain(timeout_ms: number): Promise<void>;
  /** Ends everything at once. */
  close(): void;
}

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: readonly RpcService[];
  readonly log: Logger;
  readonly limits?: Limits;
}

export function implement<H>(
  _service: Service<H>,
  _implementation: H extends unknown ? Implementation<H> : never,
): RpcService {
  throw new Error('to be written');
}

export function serve(_options: ServeOptions): Promise<RpcServer> {
  throw new Error('to be written');
}
