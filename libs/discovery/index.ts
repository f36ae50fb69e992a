import { experimental } from '@grpc/grpc-js';
import { Balancer } from './balancing/balancer.ts';
import { BalancingConfig, POLICIES, type PolicyName } from './balancing/policies.ts';
import { resolverOf } from './resolver.ts';
import { targets } from './targets.ts';

export { AVOID, CLIENT_ID, LOCAL_ZONE, SUBSET_SIZE } from './attributes.ts';
export { type EndpointLoad, endpointLoads } from './balancing/endpoint-loads.ts';
export { POLICIES } from './balancing/policies.ts';
export type { EndpointAddress, EndpointListener, EndpointSource } from './endpoints.ts';
export { lookUpZone } from './zone.ts';

/**
 * Teaches grpc-js the targets of docs/discovery.md (`kubernetes:///inventory.shop:grpc`,
 * `file:///run/endpoints.json#inventory` and more) and the balancers of docs/balancing.md. Safe to repeat.
 */
export function installDiscovery(): void {
  if (experimental.isLoadBalancerNameRegistered(POLICIES[0])) return;
  for (const [scheme, parse] of Object.entries(targets)) experimental.registerResolver(scheme, resolverOf(parse));
  for (const name of POLICIES) registerBalancer(name);
}

function registerBalancer(name: PolicyName): void {
  const balancer = class extends Balancer {
    constructor(helper: experimental.ChannelControlHelper) {
      super(name, helper);
    }
  };
  const config = class extends BalancingConfig {
    static createFromJson(json: unknown): BalancingConfig {
      return new BalancingConfig(name, json);
    }
  };
  experimental.registerLoadBalancerType(name, balancer, config);
}
