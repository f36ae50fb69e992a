// gRPC service configs, by which experiments say what is on.

/** The balancer, with its defaults unless something else is said. */
export function balancedBy(policy: string, settings: object = {}) {
  return { loadBalancingConfig: [{ [policy]: settings }] };
}

/** What a balancer can do by itself can be seen only without what else helps. */
export const withoutHedging = { methodConfig: [{ name: [{}], hedgingPolicy: { maxAttempts: 1 } }] };

/** Each call is one attempt, whose outcome shows where it went. */
export const once = {
  methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 1 }, hedgingPolicy: { maxAttempts: 1 } }],
};

/** As many retries as the policy allows, whatever they do to the server. */
export const withoutBudget = { ...withoutHedging, retryThrottling: null };
