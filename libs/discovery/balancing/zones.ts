// Which calls stay in the caller's zone. Pure.

/** Endpoints near and far, and what part of the calls goes to the near ones. */
export interface Split<C> {
  readonly near: readonly C[];
  readonly far: readonly C[];
  readonly nearShare: number;
}

/**
 * Calls stay in the caller's zone as long as its endpoints get at most `overload` times an even share of all calls; what is
 * more goes to the other zones. This is Envoy's zone aware routing, with two differences: nobody tells a client where the
 * other callers are, so they count as spread evenly over the zones; and the factor is the overprovisioning of its
 * priority levels, so that zones that are nearly even don't help each other.
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware
 */
export function byZone<C extends { readonly zone: string | undefined }>(
  all: readonly C[],
  zone: string | undefined,
  overload: number,
): Split<C> {
  const zones = Map.groupBy(all, (one) => one.zone);
  const near = zone === undefined ? undefined : zones.get(zone);
  if (!near) return { near: all, far: [], nearShare: 1 };
  const even = all.length / zones.size;
  const nearShare = Math.min(1, (overload * near.length) / even);
  const others = [...zones.values()].filter((members) => members !== near);
  // Those have capacity to spare that have more than an even share of the endpoints.
  const spare = others.filter((members) => members.length > even);
  return { near, far: (spare.length > 0 ? spare : others).flat(), nearShare };
}
