import type { Service } from '@assent/protos';
import type { MethodDefinition } from '@grpc/proto-loader';

const SAFE: ReadonlySet<string> = new Set(['NO_SIDE_EFFECTS', 'IDEMPOTENT']);

/**
 * How calls to a service are balanced and retried, for grpc-js. A method whose contract says that it has no side effects
 * or is idempotent is tried again when the server could not be reached, or says when it wants to be asked again.
 */
export function serviceConfig(service: Service<unknown>): string {
  const safe = Object.entries(service.definition).filter(([, method]) => {
    const { options } = method as unknown as MethodDefinition<object, object>;
    return SAFE.has(options.idempotency_level);
  });
  return JSON.stringify({
    loadBalancingConfig: [{ least_loaded: {} }],
    methodConfig: [
      {
        name: safe.map(([method]) => ({ service: service.name, method })),
        retryPolicy: {
          // Waits of 50, 150, 450 and 1000 ms, each ± 20 %.
          maxAttempts: 5,
          initialBackoff: '0.05s',
          maxBackoff: '1s',
          backoffMultiplier: 3,
          retryableStatusCodes: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'],
        },
      },
    ],
    // The budget of a target: 500 failures at once, as when a busy replica dies, and in the long run one in ten calls.
    retryThrottling: { maxTokens: 1_000, tokenRatio: 0.1 },
  });
}
