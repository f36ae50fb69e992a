import { experimental } from '@grpc/grpc-js';
import { LEAST_LOADED, LeastLoadedBalancer, LeastLoadedConfig } from './balancing/balancer.ts';
import { resolverOf } from './resolver.ts';
import { targets } from './targets.ts';

export { CLIENT_ID, LOCAL_ZONE, SUBSET_SIZE } from './attributes.ts';
export { type EndpointLoad, endpointLoads } from './balancing/balancer.ts';
export type { EndpointAddress, EndpointListener, EndpointSource } from './endpoints.ts';

/**
 * Teaches grpc-js the targets of docs/discovery.md (`kubernetes:///inventory.shop:grpc`,
 * `file:///run/endpoints.json#inventory` and more) and the balancer `least_loaded`. Safe to repeat.
 */
export function installDiscovery(): void {
  if (experimental.isLoadBalancerNameRegistered(LEAST_LOADED)) return;
  for (const [scheme, parse] of Object.entries(targets)) experimental.registerResolver(scheme, resolverOf(parse));
  experimental.registerLoadBalancerType(LEAST_LOADED, LeastLoadedBalancer, LeastLoadedConfig);
}
