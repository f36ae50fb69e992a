import { installDiscovery, LOCAL_ZONE, SUBSET_SIZE } from '@assent/discovery';
import type { Service } from '@assent/protos';
import { Channel, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { Attributes } from '@opentelemetry/api';
import type { Method } from './attempt.ts';
import type { CallOptions } from './call.ts';
import { callStream, callUnary } from './calling.ts';
import { clientCounts } from './counting.ts';
import { createHedging } from './hedging.ts';
import { idempotencyOf } from './idempotency.ts';
import { createLatency } from './latency.ts';
import { clientMeasure } from './measuring.ts';
import type { Client } from './methods.ts';
import { type RetryBudget, retryBudget, unlimited } from './retry.ts';
import { type Policies, readServiceConfig, type ServiceConfig } from './service-config.ts';
import type { ClientTls } from './tls/tls.ts';
import { clientSpans } from './tracing.ts';

export interface ConnectOptions {
  /** Such as `file:///run/endpoints.json#inventory` or `127.0.0.1:50051`. */
  readonly target: string;
  /** How long calls without a timeout of their own may take; 10 s. */
  readonly timeout_ms?: number;
  /** How calls are balanced, repeated and hedged; docs/calls.md has the defaults. */
  readonly serviceConfig?: ServiceConfig;
  /** Where this process is: endpoints in the same zone come first. */
  readonly zone?: string;
  /** How many endpoints it uses at most, where there are very many; all of them without it. */
  readonly subset?: number;
  /** Plain text without it. */
  readonly tls?: ClientTls | undefined;
  /** To connect at once: the first call then needn't wait for discovery. */
  readonly eager?: boolean;
}

const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const OPTIONS: ChannelOptions = {
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
 * fail with an RpcError. Connecting happens with the first call, unless it is eager. Throws when the service config is wrong.
 */
export function connect<H>(service: Service<H>, options: ConnectOptions): Client<H> {
  installDiscovery();
  const { target, timeout_ms = TIMEOUT_MS, serviceConfig = {}, zone, subset, tls, eager = false } = options;
  const policies = readServiceConfig(serviceConfig, service);
  const channel = new Channel(target, tls?.credentials ?? credentials.createInsecure(), {
    ...OPTIONS,
    'grpc.service_config': policies.channelConfig,
    ...(zone !== undefined && { [LOCAL_ZONE]: zone }),
    ...(subset !== undefined && { [SUBSET_SIZE]: subset }),
    ...(tls && { 'grpc.ssl_target_name_override': tls.name }),
  });
  if (eager) channel.getConnectivityState(true);
  const budget = policies.retryThrottling === null ? unlimited : retryBudget(policies.retryThrottling);
  const server = serverAttributes(target);
  const client: Record<string, unknown> = { close: () => channel.close() };
  for (const [key, definition] of Object.entries(service.definition)) {
    const name = definition.path.slice(1);
    const address = String(server['server.address']);
    const method: Method = {
      name,
      definition,
      channel,
      canAvoid: policies.canAvoid,
      ...conduct(definition, policies, timeout_ms, budget),
      startSpan: clientSpans(name, server),
      measure: clientMeasure(name, address),
      count: clientCounts(name, address),
    };
    const call = definition.responseStream ? callStream : callUnary;
    client[key[0]!.toLowerCase() + key.slice(1)] = (request: unknown, options?: CallOptions) =>
      call(method, request, options);
  }
  return client as Client<H>;
}

/** What the contract and the service config say of how a method is called. */
function conduct(
  definition: Method['definition'],
  policies: Policies,
  timeout_ms: number,
  budget: RetryBudget,
): Pick<Method, 'timeout_ms' | 'retries' | 'hedging' | 'latency'> {
  const policy = policies.of(definition.path);
  const level = idempotencyOf(definition);
  const latency = createLatency();
  const isHedged = policy.hedging.isOn && level === 'NO_SIDE_EFFECTS' && !definition.responseStream;
  return {
    timeout_ms: policy.timeout_ms ?? timeout_ms,
    retries: level === 'UNKNOWN' ? undefined : { policy: policy.retry, budget },
    hedging: isHedged ? createHedging(latency, policy.hedging.delay_ms) : undefined,
    latency,
  };
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
