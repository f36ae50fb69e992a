import { experimental, status } from '@grpc/grpc-js';
import { choose, ended, type Load, started } from './load.ts';

/** A connection to an endpoint, and what is known of its load. */
export interface Child {
  readonly leaf: experimental.LeafLoadBalancer;
  load: Load;
}

/** Statuses that say something of the endpoint and not of the call. */
const FAILURES: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
  status.UNKNOWN,
]);

/** Picks among connections that are ready. */
export function picker(children: readonly Child[]): experimental.Picker {
  return {
    pick(args) {
      const child = choose(children, Math.random, performance.now());
      return counted(child, child.leaf.getPicker().pick(args));
    },
  };
}

function counted(child: Child, pick: experimental.PickResult): experimental.PickResult {
  if (pick.pickResultType !== experimental.PickResultType.COMPLETE) return pick;
  let start_ms = 0;
  return {
    ...pick,
    onCallStarted() {
      pick.onCallStarted?.();
      start_ms = performance.now();
      child.load = started(child.load);
    },
    onCallEnded(code, details, metadata) {
      pick.onCallEnded?.(code, details, metadata);
      const now = performance.now();
      child.load = ended(child.load, now - start_ms, FAILURES.has(code), now);
    },
  };
}
