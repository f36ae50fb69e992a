// The services behind the gateway, called with messages as bytes: REST transcodes them itself, gRPC passes them on as they are.
import type { Service } from '@assent/protos';
import type { CallOptions, ConnectOptions } from '@assent/rpc';
import { backends } from './api/contracts.ts';
import { type Route, routes } from './api/routes.ts';

export type Unary = (request: Uint8Array, options?: CallOptions) => Promise<Uint8Array>;
export type Stream = (request: Uint8Array, options?: CallOptions) => AsyncIterable<Uint8Array>;

/** The services, connected. */
export interface Backends {
  /** Calls the method of a route that has one response. */
  unary(route: Route): Unary;
  /** Calls the method of a route that has a stream of responses. */
  stream(route: Route): Stream;
  /** Of every service, whether one of its replicas says within `timeout_ms` that it is serving. */
  ready(timeout_ms: number): Promise<Record<string, boolean>>;
}

/** As in the context of a service. */
export type Connect = (service: Service, name: string, options?: Omit<ConnectOptions, 'target'>) => unknown;

export function connectBackends(connect: Connect): Backends {
  const clients = new Map(
    backends.map(({ name, service }) => [name, connect(publicService(service), name) as Record<string, never>]),
  );
  const health = backends.map(({ name }) => [name, (connect(healthService, name) as { check: Unary }).check] as const);
  const invoker = (route: Route) => clients.get(route.backend)![camelCase(route.method.name)]!;
  return {
    unary: invoker,
    stream: invoker,
    async ready(timeout_ms) {
      return Object.fromEntries(
        await Promise.all(health.map(async ([name, check]) => [name, await isServing(check, timeout_ms)] as const)),
      );
    },
  };
}

const asBytes = (bytes: Buffer): Buffer => bytes;
const bytesOnly = {
  requestSerialize: asBytes,
  requestDeserialize: asBytes,
  responseSerialize: asBytes,
  responseDeserialize: asBytes,
};

/** A service with its annotated methods only, and messages as bytes. */
export function publicService({ name, definition }: Service): Service {
  const methods = routes.filter(({ service }) => service === name).map(({ method }) => method.name);
  return {
    name,
    definition: Object.fromEntries(methods.map((method) => [method, { ...definition[method]!, ...bytesOnly }])),
  };
}

// grpc.health.v1, of which no more is needed than to ask for the whole server: the request is empty, and the response's
// one field is the status.
const check = {
  path: '/grpc.health.v1.Health/Check',
  requestStream: false,
  responseStream: false,
  // Not tried again: not serving is an answer.
  options: { idempotency_level: 'IDEMPOTENCY_UNKNOWN' },
  ...bytesOnly,
};
const healthService: Service = { name: 'grpc.health.v1.Health', definition: { Check: check } };
const serving = Buffer.from([0x08, 0x01]);

async function isServing(check: Unary, timeout_ms: number): Promise<boolean> {
  const response = await check(Buffer.alloc(0), { timeout_ms }).catch(() => Buffer.alloc(0));
  return serving.equals(response);
}

export function camelCase(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}
