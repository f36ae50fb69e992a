// How a client goes about the calls to a service: https://github.com/grpc/grpc/blob/master/doc/service_config.md. grpc-js
// gets the part about balancing only; its own retries end when the first header of a response is there, which is too soon
// for a server that is killed under load, and it knows nothing of idempotency.
import { POLICIES } from '@assent/discovery';
import type { Service } from '@assent/protos';
import { experimental } from '@grpc/grpc-js';
import { z } from 'zod';
import { idempotencyOf } from './idempotency.ts';
import { type RetryPolicy, type RetryThrottling, retryDefaults } from './retry.ts';

const duration_ms = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,9})?s$/, 'must be seconds, such as "1.5s"')
  .transform((text) => Number.parseFloat(text) * 1_000);

const retryPolicy = z.strictObject({
  /** With the first; 1 to 5. */
  maxAttempts: z.int().min(1).max(5).optional(),
  initialBackoff: duration_ms.optional(),
  maxBackoff: duration_ms.optional(),
  backoffMultiplier: z.number().min(1).max(10).optional(),
});

const hedgingPolicy = z.strictObject({
  /** 1 turns hedging off. */
  maxAttempts: z.int().min(1).max(2).optional(),
  /** How long the first attempt has; without it as long as 95 % of the calls take. */
  hedgingDelay: duration_ms.optional(),
});

const methodConfig = z.strictObject({
  /** For which methods; `[{}]` is for all. The closest one counts. */
  name: z.array(z.strictObject({ service: z.string().optional(), method: z.string().optional() })).min(1),
  timeout: duration_ms.optional(),
  retryPolicy: retryPolicy.optional(),
  hedgingPolicy: hedgingPolicy.optional(),
});

const schema = z.strictObject({
  /** The first one counts: `[{ least_loaded: {} }]`. */
  loadBalancingConfig: z
    .array(z.record(z.string(), z.looseObject({})))
    .min(1)
    .optional(),
  methodConfig: z.array(methodConfig).optional(),
  /** The budget of all retries; null is for experiments that show what it is for. */
  retryThrottling: z
    .strictObject({ maxTokens: z.number().min(1).max(100_000), tokenRatio: z.number().min(0).max(1) })
    .nullable()
    .optional(),
});

/** A gRPC service config. Retries and hedging only ever happen where the contract says that a method can be repeated. */
export type ServiceConfig = z.input<typeof schema>;

/** What the calls of one method are made by. */
export interface MethodPolicy {
  readonly timeout_ms: number | undefined;
  readonly retry: RetryPolicy;
  readonly hedging: { readonly isOn: boolean; readonly delay_ms: number | undefined };
}

export interface Policies {
  /** As grpc-js takes it. */
  readonly channelConfig: string;
  /** Whether its balancer is one of ours, which know what an attempt is to avoid; others would send that along. */
  readonly canAvoid: boolean;
  readonly retryThrottling: RetryThrottling | null | undefined;
  of(path: string): MethodPolicy;
}

const defaultBalancing = [{ least_loaded: {} }];

/** Throws an error that names the field when the config is wrong, or asks for what the contract of the service forbids. */
export function readServiceConfig(config: ServiceConfig, service: Service<unknown>): Policies {
  const result = schema.safeParse(config);
  if (!result.success) throw new Error(result.error.issues.map(describe).join('; '));
  const { loadBalancingConfig = defaultBalancing, methodConfig: methods = [], retryThrottling } = result.data;
  const [balancing] = loadBalancingConfig as [Record<string, object>];
  checkBalancing(balancing);
  for (const [index, method] of methods.entries()) checkMethods(method, index, service);
  return {
    channelConfig: JSON.stringify({ loadBalancingConfig: [balancing] }),
    canAvoid: POLICIES.some((name) => Object.hasOwn(balancing, name)),
    retryThrottling,
    of: (path) => toPolicy(closest(methods, path)),
  };
}

type MethodConfig = z.output<typeof methodConfig>;

function describe({ path, message }: z.core.$ZodIssue): string {
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `serviceConfig${field}: ${message}`;
}

// grpc-js would pass over one that is wrong, to pick_first.
function checkBalancing(balancing: Record<string, object>): void {
  try {
    experimental.parseLoadBalancingConfig(balancing as never);
  } catch (cause) {
    throw new Error(`serviceConfig.loadBalancingConfig[0]: ${(cause as Error).message}`, { cause });
  }
}

function checkMethods({ name: names, ...wanted }: MethodConfig, index: number, service: Service<unknown>): void {
  for (const [place, { service: of, method }] of names.entries()) {
    const field = `serviceConfig.methodConfig[${index}]`;
    if (method === undefined) continue;
    if (of !== service.name) continue;
    const definition = service.definition[method];
    if (!definition) throw new Error(`${field}.name[${place}].method: ${of} has no method ${method}`);
    const level = idempotencyOf(definition);
    if ((wanted.retryPolicy?.maxAttempts ?? 1) > 1 && level === 'UNKNOWN') {
      throw new Error(`${field}.retryPolicy: ${method} must not be repeated, says its contract`);
    }
    if ((wanted.hedgingPolicy?.maxAttempts ?? 1) > 1 && (level !== 'NO_SIDE_EFFECTS' || definition.responseStream)) {
      throw new Error(`${field}.hedgingPolicy: ${method} is no unary method without side effects`);
    }
  }
}

/** For the method, or for its service, or for all. */
function closest(methods: readonly MethodConfig[], path: string): MethodConfig | undefined {
  const [, service, method] = path.split('/');
  const find = (wanted: { service?: string | undefined; method?: string | undefined }) =>
    methods.find(({ name }) => name.some((one) => one.service === wanted.service && one.method === wanted.method));
  return find({ service, method }) ?? find({ service }) ?? find({});
}

function toPolicy({ timeout, retryPolicy: retry = {}, hedgingPolicy: hedging = {} }: Partial<MethodConfig> = {}) {
  return {
    timeout_ms: timeout,
    retry: {
      attempts: retry.maxAttempts ?? retryDefaults.attempts,
      first_ms: retry.initialBackoff ?? retryDefaults.first_ms,
      cap_ms: retry.maxBackoff ?? retryDefaults.cap_ms,
      factor: retry.backoffMultiplier ?? retryDefaults.factor,
    },
    hedging: { isOn: hedging.maxAttempts !== 1, delay_ms: hedging.hedgingDelay },
  };
}
