import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '@assent/protos';
import { type Logger, watchRuntime } from '@assent/telemetry';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  setLogger,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { bind } from './bind.ts';
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
import { type Limits, limiterOptions, serverOptions, sessionLimits } from './limits.ts';
import type { Implementation } from './methods.ts';
import { createGate, type Gate, type MethodLoad, openGate } from './overload/gate.ts';
import { addReflection } from './reflection.ts';
import { watchSessions } from './sessions.ts';
import type { Guards } from './tls/guard.ts';
import { watchHandshakes } from './tls/refused.ts';
import type { ServerTls } from './tls/tls.ts';

/** A service with its implementation, ready to be served. */
export interface RpcService {
  readonly service: Service<unknown>;
  readonly implementation: Readonly<Record<string, UnaryFunction | StreamFunction>>;
  readonly load: Readonly<Record<string, MethodLoad<unknown> | 'unlimited'>>;
}

/**
 * What the methods of a service mean to the limits on their calls; those that aren't named: each call counts for one, and none
 * is urgent. Streams that aren't named have no limit: most of their time they wait for something to happen.
 */
export type Load<H> = {
  readonly [K in keyof Implementation<H>]?: MethodLoad<RequestOf<Implementation<H>[K]>> | 'unlimited';
};
type RequestOf<F> = F extends (request: infer Request, ...rest: never[]) => unknown ? Request : never;

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
  /** Plain text without it. */
  readonly tls?: ServerTls | undefined;
  /** What a handler's error means to callers when it isn't an RpcError; otherwise they get INTERNAL. */
  readonly mapError?: (error: unknown) => RpcError | undefined;
}

/** Joins a service and the functions that answer its calls. What they throw but RpcErrors is logged and stays inside. */
export function implement<H>(
  service: Service<H>,
  // As a conditional type it is resolved before the functions are looked at, so that their parameters have types.
  implementation: H extends unknown ? Implementation<H> : never,
  load: H extends unknown ? Load<H> : never = {} as never,
): RpcService {
  return {
    service,
    implementation: implementation as RpcService['implementation'],
    load: load as RpcService['load'],
  };
}

/** Serves the services, their health and their reflection. Fails when the address can't be had. */
export async function serve(options: ServeOptions): Promise<RpcServer> {
  const { host, port, services, log, limits = {}, tls, mapError = () => undefined } = options;
  const present = presenter(log, mapError);
  const server = new Server(serverOptions(limits));
  const names = services.map(({ service }) => service.name);
  const closed = new AbortController();
  closed.signal.addEventListener('abort', watchRuntime(), { once: true });
  for (const service of services)
    addService(server, service, present, gates(service, limits, closed.signal), tls?.guards, log);
  const health = addHealth(server);
  const setServing = (serving: boolean) => health.set(['', ...names], serving);
  setServing(false);
  addReflection(server, names);
  const bound = await bind(server, host, port, tls?.credentials ?? ServerCredentials.createInsecure());
  const sessions = watchSessions(server, sessionLimits(limits));
  if (tls?.guards) watchHandshakes(server, log);
  // What grpc-js and discovery say by themselves.
  setLogger({ error: (...texts: unknown[]) => log.error(texts.join(' ')) });
  const close = () => {
    closed.abort();
    server.forceShutdown();
  };
  return {
    port: bound,
    setServing,
    async drain(timeout_ms) {
      setServing(false);
      health.end();
      const timeout = new AbortController();
      const idle = sessions
        .sayGoodbye()
        .then(() => new Promise<void>((resolve) => server.tryShutdown(() => resolve())));
      await Promise.race([idle, sleep(timeout_ms, undefined, timeout).catch(() => {})]);
      timeout.abort();
      close();
    },
    close,
  };
}

/** How the gate of a method is made. */
type Gates = (key: string, method: { readonly path: string; readonly responseStream: boolean }) => Gate;

function gates({ load }: RpcService, { concurrency = {} }: Limits, signal: AbortSignal): Gates {
  return (key, { path, responseStream }) => {
    const own = load[key] ?? (responseStream ? 'unlimited' : {});
    if (!concurrency || own === 'unlimited') return openGate;
    return createGate(path.slice(1), own, limiterOptions(concurrency), signal);
  };
}

function addService(
  server: Server,
  { service, implementation, load }: RpcService,
  present: Presenter,
  gateOf: Gates,
  guards: Guards | undefined,
  log: Logger,
): void {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const [key, method] of Object.entries(service.definition)) {
    const name = key[0]!.toLowerCase() + key.slice(1);
    const path = method.path.slice(1);
    const options = { method: path, present, gate: gateOf(name, method), guard: guards?.(path, log) };
    const own = load[name];
    definition[key] = { ...method, responseSerialize: loudly(method.responseSerialize, path, log) };
    handlers[key] = method.responseStream
      ? streamHandler({ ...options, until: own === 'unlimited' ? 'end' : own?.until }, (request, call) =>
          (implementation[name] as StreamFunction)(request, call),
        )
      : unaryHandler(options, (request, call) => (implementation[name] as UnaryFunction)(request, call));
  }
  server.addService(definition, handlers);
}
