// Nodes are closed and drained, and opened again.
import type { V1Node } from '@kubernetes/client-node';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Release } from '../../kubernetes/release.ts';
import { evict, pick } from './pods.ts';
import { readState } from './state.ts';
import { until } from './wait.ts';

/** On a node: which release's chaos has closed it. So what a killed command has left can be found. */
const mark = 'assent/chaos';
/** Disruption budgets may make evictions wait for as long. */
const patience_ms = 120_000;

/** Closes a node that has pods of the release, and evicts these. Returns its name; if that can't be done, it is open again. */
export async function drain(cluster: Cluster, release: Release, place: number, signal: AbortSignal): Promise<string> {
  const { pods } = await readState(cluster, release);
  const open = (await cluster.core.listNode()).items.filter((node) => node.spec?.unschedulable !== true).map(nameOf);
  const used = open.filter((name) => pods.some(({ node }) => node === name));
  if (open.length < 2) throw new Error('there is no other node');
  const node = pick(used, place, 'no node has pods of the release');
  await close(cluster, release, node);
  try {
    await empty(cluster, release, node, signal);
    return node;
  } catch (error) {
    await reopen(cluster, node);
    throw error;
  }
}

function empty(cluster: Cluster, release: Release, node: string, signal: AbortSignal): Promise<void> {
  const isEmpty = async () => {
    const { pods } = await readState(cluster, release);
    const here = pods.filter((pod) => pod.node === node && !pod.isEnding);
    for (const pod of here) await evict(cluster, release, pod);
    return here.length === 0;
  };
  return until(isEmpty, { late: `disruption budgets keep pods on ${node}`, patience_ms, signal });
}

async function close({ core }: Cluster, { namespace, name: release }: Release, name: string): Promise<void> {
  await core.patchNode({
    name,
    body: [
      { op: 'add', path: '/spec/unschedulable', value: true },
      { op: 'add', path: `/metadata/annotations/${mark.replace('/', '~1')}`, value: `${namespace}.${release}` },
    ],
  });
}

/** Lets pods come to it again. */
export async function reopen({ core }: Cluster, name: string): Promise<void> {
  await core.patchNode({
    name,
    body: [
      { op: 'add', path: '/spec/unschedulable', value: false },
      { op: 'remove', path: `/metadata/annotations/${mark.replace('/', '~1')}` },
    ],
  });
}

/** Opens what an earlier command has closed for the release, and not opened. Returns their names. */
export async function reopenLeft(cluster: Cluster, { namespace, name }: Release): Promise<string[]> {
  const { items } = await cluster.core.listNode();
  const left = items.filter(({ metadata }) => metadata?.annotations?.[mark] === `${namespace}.${name}`).map(nameOf);
  await Promise.all(left.map((node) => reopen(cluster, node)));
  return left;
}

function nameOf({ metadata }: V1Node): string {
  return metadata?.name ?? '';
}
