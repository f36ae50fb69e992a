import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Release } from '../../kubernetes/release.ts';
import { serviceNames } from '../../start/services.ts';
import type { Injection } from '../ground.ts';
import type { ClusterFault, Manner } from './faults.ts';
import { pauseLeader } from './leader.ts';
import { drain, reopen } from './nodes.ts';
import { deletePod, restart } from './pods.ts';
import { isWhole, readState } from './state.ts';
import { until } from './wait.ts';

/** Until all is ready again that a fault has taken away: images may have to be pulled, and volumes to be moved. */
const readyPatience_ms = 180_000;
/** What a fault before has left to do. */
const wholePatience_ms = 15_000;

/**
 * Waits until all replicas of what is to be hit are ready: two of a service at a time are more than two replicas promise to bear.
 */
export function awaitWhole(
  cluster: Cluster,
  release: Release,
  fault: ClusterFault,
  signal: AbortSignal,
): Promise<void> {
  const component = componentOf(fault);
  const late = `${component ?? 'the release'} is not whole yet`;
  const whole = async () => isWhole(await readState(cluster, release, component));
  return until(whole, { late, patience_ms: wholePatience_ms, signal });
}

/** Undefined: all of them. */
function componentOf(fault: ClusterFault): string | undefined {
  switch (fault.type) {
    case 'pod-delete':
    case 'pod-kill':
    case 'leader-pause':
      return fault.component;
    case 'rollout-restart':
      return fault.component === 'all' ? undefined : fault.component;
    case 'node-drain':
      return undefined;
    case 'postgres-delete':
      return 'postgres';
    case 'redis-delete':
      return 'redis';
  }
}

/** Does it. Fails when it can't be done, having changed nothing. */
export async function inject(
  cluster: Cluster,
  release: Release,
  fault: ClusterFault,
  signal: AbortSignal,
): Promise<Injection> {
  const component = componentOf(fault);
  const late = `${component ?? 'the release'} is not ready again after ${readyPatience_ms / 1000} s`;
  const when = (isSo: () => Promise<boolean>) => (over: AbortSignal) =>
    until(isSo, { late, patience_ms: readyPatience_ms, signal: over });
  const ready = when(async () => isWhole(await readState(cluster, release, component)));
  switch (fault.type) {
    case 'pod-delete':
      return { victim: await deletePod(cluster, release, fault), ready };
    case 'pod-kill':
      return { victim: await deletePod(cluster, release, { ...fault, grace_s: 0 }), ready };
    case 'postgres-delete':
      return { victim: await deletePod(cluster, release, only('postgres', fault.by)), ready };
    case 'redis-delete':
      return { victim: await deletePod(cluster, release, only('redis', fault.by)), ready };
    case 'node-drain': {
      const node = await drain(cluster, release, fault.place, signal);
      return { victim: node, heal: () => reopen(cluster, node), ready };
    }
    case 'rollout-restart': {
      const restarted = async () => (await readState(cluster, release, component)).workloads.filter(isService);
      await restart(
        cluster,
        release,
        (await restarted()).map(({ name }) => name),
      );
      return { ready: when(async () => (await restarted()).every(({ isRolledOut }) => isRolledOut)) };
    }
    case 'leader-pause':
      return { ...(await pauseLeader(cluster, release, fault)), ready };
  }
}

function only(component: string, by: Manner): Parameters<typeof deletePod>[2] {
  return { component, place: 0, ...(by === 'crash' && { grace_s: 1 }) };
}

function isService({ component }: { readonly component: string }): boolean {
  return serviceNames.some((name) => name === component);
}
