import { installDiscovery } from '@assent/discovery';
import type { Service } from '@assent/protos';
import { Channel, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { MethodDefinition as ContractMethod } from '@grpc/proto-loader';
import type { Attributes } from '@opentelemetry/api';
import type { Method } from './attempt.ts';
import type { CallOptions } from './call.ts';
import { callStream, callUnary } from './calling.ts';
import { clientMeasure } from './measuring.ts';
import type { Client } from './methods.ts';
import { retryBudget } from './retry.ts';
import { clientSpans } from './tracing.ts';

export interface ConnectOptions {
  /** Such as `file:///run/endpoints.json#inventory` or `127.0.0.1:50051`. */
  readonly target: string;
  /** How long calls without a timeout of their own may take; 10 s. */
  readonly timeout_ms?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ least_loaded: {} }] }),
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  // A replica that comes back is called again soon.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A host that is gone without a word is found out also while nothing is sent.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
};

/**
 * A client of a service: `const { product } = await connect(InventoryService, { target }).getProduct({ sku })`. Calls
 * fail with an RpcError. Connecting happens with the first call.
 */
export function connect<H>(service: Service<H>, { target, timeout_ms = TIMEOUT_MS }: ConnectOptions): Client<H> {
  installDiscovery();
  const channel = new Channel(target, credentials.createInsecure(), OPTIONS);
  const budget = retryBudget();
  const server = serverAttributes(target);
  const client: Record<string, unknown> = { close: () => channel.close() };
  for (const [key, definition] of Object.entries(service.definition)) {
    const name = definition.path.slice(1);
    const startSpan = clientSpans(name, server);
    const measure = clientMeasure(name, String(server['server.address']));
    const retries = isSafe(definition) ? budget : undefined;
    const method: Method = { name, definition, channel, timeout_ms, retries, startSpan, measure };
    const call = definition.responseStream ? callStream : callUnary;
    client[key[0]!.toLowerCase() + key.slice(1)] = (request: unknown, options?: CallOptions) =>
      call(method, request, options);
  }
  return client as Client<H>;
}

/** Whether the contract says that calls may be repeated. */
function isSafe(definition: object): boolean {
  const { idempotency_level: level } = (definition as ContractMethod<object, object>).options;
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT';
}

/** What traces call a server: `127.0.0.1:50051` by address and port, `file:///run/endpoints.json#inventory` inventory. */
function serverAttributes(target: string): Attributes {
  const [, host, port] = /^(.+):(\d+)$/.exec(target) ?? [];
  if (host !== undefined) return { 'server.address': host, 'server.port': Number(port) };
  return { 'server.address': target.slice(target.indexOf('#') + 1) };
}

/** The target of one service: `file:///x/endpoints.json#{service}` with `inventory` is `file:///x/endpoints.json#inventory`. */
export function serviceTarget(template: string, service: string): string {
  return template.replaceAll('{service}', service);
}
