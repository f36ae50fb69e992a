import type { EndpointAddress } from './endpoints.ts';
import { fnv1a, mixed } from './hash.ts';

/**
 * The endpoints that this client uses out of very many, in the order in which they came; 0 means all of them.
 *
 * By rendezvous hashing (Thaler and Ravishankar, 1996), as in gRPC's random subsetting (gRFC A68): each client ranks
 * all endpoints by a hash of both names and takes the first. Clients needn't know of each other, and one endpoint that
 * comes or goes changes at most one place in each subset. What it costs is that load is even by chance only: with C
 * clients an endpoint has about C × size / endpoints of them, give or take the square root of that. (Google's
 * deterministic subsetting is more even, but needs clients that are numbered, and shuffles all when their number of
 * endpoints changes.)
 */
export function subset(endpoints: readonly EndpointAddress[], client: string, size: number): EndpointAddress[] {
  if (size === 0 || endpoints.length <= size) return [...endpoints];
  const seed = fnv1a(`${client} `);
  const ranked = endpoints.map((endpoint) => {
    const name = `${endpoint.host} ${endpoint.port}`;
    return { endpoint, name, rank: mixed(fnv1a(name, seed)) };
  });
  ranked.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const chosen = new Set(ranked.slice(0, size).map(({ endpoint }) => endpoint));
  return endpoints.filter((endpoint) => chosen.has(endpoint));
}
