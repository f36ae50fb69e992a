// What can happen to a release on Kubernetes.
import type { ServiceName } from '../../start/services.ts';

export const clusterFaultTypes = [
  'pod-delete',
  'pod-kill',
  'node-drain',
  'rollout-restart',
  'postgres-delete',
  'redis-delete',
  'leader-pause',
] as const;

export type ClusterFaultType = (typeof clusterFaultTypes)[number];

/** A `place` says which of those that there are at the time, as a share of them in their order: in [0, 1). */
export type ClusterFault =
  /** As in every rolling update: SIGTERM, and time to drain. */
  | { readonly type: 'pod-delete'; readonly component: ServiceName; readonly place: number }
  /** The API forgets it at once, and its process has no time to drain. */
  | { readonly type: 'pod-kill'; readonly component: ServiceName; readonly place: number }
  /** Nothing new comes to a node, and the release's pods there are evicted as their disruption budgets allow. */
  | { readonly type: 'node-drain'; readonly place: number; readonly for_ms: number }
  | { readonly type: 'rollout-restart'; readonly component: ServiceName | 'all' }
  | { readonly type: 'postgres-delete'; readonly by: Manner }
  | { readonly type: 'redis-delete'; readonly by: Manner }
  /** SIGSTOP for the process that holds the service's Lease, for longer than the Lease lasts; then SIGCONT. */
  | { readonly type: 'leader-pause'; readonly component: ServiceName; readonly for_ms: number };

/**
 * Of the deletion of a pod with a name of its own. `crash` leaves a second, not none: with none the API would forget the pod while
 * its process may still run, and let another one have the same volume.
 */
export type Manner = 'shutdown' | 'crash';

const types: ReadonlySet<string> = new Set(clusterFaultTypes);

export function isClusterType(type: string): type is ClusterFaultType {
  return types.has(type);
}

export function isClusterFault(fault: { readonly type: string }): fault is ClusterFault {
  return isClusterType(fault.type);
}

/** What is done to whom, for people. */
export function describeClusterFault(fault: ClusterFault): string {
  switch (fault.type) {
    case 'pod-delete':
      return `a pod of ${fault.component} is deleted`;
    case 'pod-kill':
      return `a pod of ${fault.component} is deleted without any grace`;
    case 'node-drain':
      return 'a node is drained';
    case 'rollout-restart':
      return fault.component === 'all' ? 'all services are restarted' : `${fault.component} is restarted`;
    case 'postgres-delete':
      return `PostgreSQL's pod is deleted${manners[fault.by]}`;
    case 'redis-delete':
      return `Redis' pod is deleted${manners[fault.by]}`;
    case 'leader-pause':
      return `the leader of ${fault.component} is paused`;
  }
}

const manners: Readonly<Record<Manner, string>> = { shutdown: '', crash: ' with a second of grace' };
