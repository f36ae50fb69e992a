// What is done to a release's pods.
import type { Cluster } from '../../kubernetes/cluster.ts';
import { refusalOf } from '../../kubernetes/failure.ts';
import type { Release } from '../../kubernetes/release.ts';
import { type Pod, readState } from './state.ts';

/** Deletes a component's pod. Without `grace_s` it has as long as its own grace period. Returns its name. */
export async function deletePod(
  cluster: Cluster,
  release: Release,
  { component, place, grace_s }: { readonly component: string; readonly place: number; readonly grace_s?: number },
): Promise<string> {
  const { pods } = await readState(cluster, release, component);
  const { name } = pick(
    pods.filter(({ isReady }) => isReady),
    place,
    `no pod of ${component} is ready`,
  );
  await cluster.core.deleteNamespacedPod({
    namespace: release.namespace,
    name,
    ...(grace_s !== undefined && { gracePeriodSeconds: grace_s }),
  });
  return name;
}

/**
 * Asks for a pod to be deleted as a node that is drained does.
 * @returns whether it goes, or is gone; if not, a disruption budget demands that it stays for now
 */
export async function evict({ core }: Cluster, { namespace }: Release, { name }: Pick<Pod, 'name'>): Promise<boolean> {
  try {
    await core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } });
    return true;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === 429) return false;
    if (refusal === 404) return true;
    throw error;
  }
}

/** Replaces all pods of these, as `kubectl rollout restart` does. */
export async function restart(
  { apps }: Cluster,
  { namespace }: Release,
  deployments: readonly string[],
): Promise<void> {
  const value = new Date().toISOString();
  const path = '/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt';
  const body = [{ op: 'add', path, value }];
  await Promise.all(deployments.map((name) => apps.patchNamespacedDeployment({ namespace, name, body })));
}

/** @param place a share of the list, in [0, 1) */
export function pick<T>(list: readonly T[], place: number, otherwise: string): T {
  const one = list[Math.floor(place * list.length)];
  if (one === undefined) throw new Error(otherwise);
  return one;
}
