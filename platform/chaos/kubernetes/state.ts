// What of a release is there at a moment.
import type { V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { type Release, selectorOf } from '../../kubernetes/release.ts';

export interface State {
  /** Those of the workloads below; by their names. */
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
}

export interface Pod {
  readonly name: string;
  readonly component: string;
  /** Where it runs; undefined before it has a place. */
  readonly node: string | undefined;
  /** And is to stay. */
  readonly isReady: boolean;
  readonly isEnding: boolean;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly restarts: number;
  /** How it ended the last time. */
  readonly cause: string;
}

/** A Deployment or a StatefulSet. */
export interface Workload {
  readonly name: string;
  readonly component: string;
  /** So many pods it is to have. */
  readonly replicas: number;
  /** All its pods are of its latest template, and none of an earlier one is left. */
  readonly isRolledOut: boolean;
}

/** @param component all without it */
export async function readState({ core, apps }: Cluster, release: Release, component?: string): Promise<State> {
  const some = { namespace: release.namespace, labelSelector: selectorOf(release, component) };
  const [deployments, sets, pods] = await Promise.all([
    apps.listNamespacedDeployment(some),
    apps.listNamespacedStatefulSet(some),
    core.listNamespacedPod(some),
  ]);
  return stateOf([...deployments.items, ...sets.items], pods.items);
}

export function stateOf(workloads: readonly (V1Deployment | V1StatefulSet)[], pods: readonly V1Pod[]): State {
  const ours = workloads.map(readWorkload);
  const components = new Set(ours.map(({ component }) => component));
  return {
    workloads: ours,
    // Those of Jobs have been, or will be, and nobody waits for them.
    pods: pods
      .map(readPod)
      .filter((pod) => components.has(pod.component))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

function readPod({ metadata, spec, status }: V1Pod): Pod {
  const isEnding = metadata?.deletionTimestamp !== undefined;
  const isUp = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return {
    name: metadata?.name ?? '',
    component: componentOf(metadata?.labels),
    node: spec?.nodeName,
    isEnding,
    isReady: isUp && !isEnding,
    containers: (status?.containerStatuses ?? []).map(({ name, restartCount: restarts, lastState }) => {
      const { reason = 'ended', exitCode } = lastState?.terminated ?? {};
      return { name, restarts, cause: exitCode === undefined ? reason : `${reason}, exit code ${exitCode}` };
    }),
  };
}

function readWorkload({ metadata, spec, status }: V1Deployment | V1StatefulSet): Workload {
  const replicas = spec?.replicas ?? 1;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  const { updatedReplicas = 0, replicas: all = 0, availableReplicas = 0 } = status ?? {};
  return {
    name: metadata?.name ?? '',
    component: componentOf(metadata?.labels),
    replicas,
    isRolledOut: isSeen && updatedReplicas === replicas && all === replicas && availableReplicas === replicas,
  };
}

function componentOf(labels: Readonly<Record<string, string>> = {}): string {
  return labels['app.kubernetes.io/component'] ?? '';
}

/** Whether as many pods are ready as there are to be, of each workload. */
export function isWhole({ pods, workloads }: State): boolean {
  return workloads.every(
    ({ component, replicas }) => pods.filter((pod) => pod.component === component && pod.isReady).length >= replicas,
  );
}
