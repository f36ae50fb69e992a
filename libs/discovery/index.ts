import { experimental } from '@grpc/grpc-js';
import { LEAST_LOADED, LeastLoadedBalancer, LeastLoadedConfig } from './balancer.ts';
import { FileResolver } from './resolver.ts';

export { CLIENT_ID, LOCAL_ZONE, SUBSET_SIZE } from './attributes.ts';
export { type EndpointLoad, endpointLoads } from './balancer.ts';
export type { EndpointAddress, EndpointListener, EndpointSource } from './endpoints.ts';

/**
 * Teaches grpc-js targets like `file:///run/endpoints.json#inventory`, whose file is a watched Kubernetes
 * EndpointSliceList, and the balancer `least_loaded`. Safe to repeat.
 */
export function installDiscovery(): void {
  if (experimental.isLoadBalancerNameRegistered(LEAST_LOADED)) return;
  experimental.registerResolver('file', FileResolver);
  experimental.registerLoadBalancerType(LEAST_LOADED, LeastLoadedBalancer, LeastLoadedConfig);
}
