import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '@assent/protos';
import type { Logger } from '@assent/telemetry';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  setLogger,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { RpcError } from './errors.ts';
import {
  loudly,
  type Presenter,
  presenter,
  type StreamFunction,
  streamHandler,
  type UnaryFunction,
  unaryHandler,
} from './handlers.ts';
import { addHealth } from './health.ts';
import { type Limits, serverOptions } from './limits.ts';
import type { Implementation } from './methods.ts';
import { addReflection } from './reflection.ts';

/** A service with its implementation, ready to be served. */
export interface RpcService {
  readonly service: Service<unknown>;
  readonly implementation: Readonly<Record<string, UnaryFunction | StreamFunction>>;
}

export interface RpcServer {
  readonly port: number;
  /** What health checks are told, of the server as a whole and of each of its services. At first false. */
  setServing(serving: boolean): void;
  /**
   * Says NOT_SERVING, takes no new connections and calls, and waits for the calls under way; those that are left after
   * `timeout_ms` are cancelled.
   */
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
  /** What a handler's error means to callers when it isn't an RpcError; otherwise they get INTERNAL. */
  readonly mapError?: (error: unknown) => RpcError | undefined;
}

/** Joins a service and the functions that answer its calls. What they throw but RpcErrors is logged and stays inside. */
export function implement<H>(
  service: Service<H>,
  // As a conditional type it is resolved before the functions are looked at, so that their parameters have types.
  implementation: H extends unknown ? Implementation<H> : never,
): RpcService {
  return { service, implementation: implementation as RpcService['implementation'] };
}

/** Serves the services, their health and their reflection. Fails when the address can't be had. */
export async function serve(options: ServeOptions): Promise<RpcServer> {
  const { host, port, services, log, limits = {}, mapError = () => undefined } = options;
  const present = presenter(log, mapError);
  const server = new Server(serverOptions(limits));
  const names = services.map(({ service }) => service.name);
  for (const service of services) addService(server, service, present, log);
  const health = addHealth(server, names);
  addReflection(server, names);
  // What grpc-js and discovery say by themselves goes to the log; before, it would be what is thrown anyway.
  setLogger({});
  const bound = await bind(server, `${isIPv6(host) ? `[${host}]` : host}:${port}`);
  setLogger({ error: (...texts: unknown[]) => log.error(texts.join(' ')) });
  return {
    port: bound,
    setServing: health.set,
    async drain(timeout_ms) {
      health.set(false);
      health.end();
      const timeout = new AbortController();
      const idle = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      await Promise.race([idle, sleep(timeout_ms, undefined, timeout).catch(() => {})]);
      timeout.abort();
      server.forceShutdown();
    },
    close: () => server.forceShutdown(),
  };
}

function addService(server: Server, { service, implementation }: RpcService, present: Presenter, log: Logger): void {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const [key, method] of Object.entries(service.definition)) {
    const name = key[0]!.toLowerCase() + key.slice(1);
    const path = method.path.slice(1);
    definition[key] = { ...method, responseSerialize: loudly(method.responseSerialize, path, log) };
    handlers[key] = method.responseStream
      ? streamHandler(path, present, (request, call) => (implementation[name] as StreamFunction)(request, call))
      : unaryHandler(path, present, (request, call) => (implementation[name] as UnaryFunction)(request, call));
  }
  server.addService(definition, handlers);
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`can't listen on ${address}: ${error.message}`, { cause: error }));
      else resolve(port);
    });
  });
}
