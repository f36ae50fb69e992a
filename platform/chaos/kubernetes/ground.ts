// A release on Kubernetes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, openCluster } from '../../kubernetes/cluster.ts';
import { openDatabases } from '../../kubernetes/databases.ts';
import { refusalOf } from '../../kubernetes/failure.ts';
import { gatewayUrl } from '../../kubernetes/gateway.ts';
import type { Release } from '../../kubernetes/release.ts';
import { serviceNames } from '../../start/services.ts';
import type { FaultType } from '../faults.ts';
import type { Ground, Missing } from '../ground.ts';
import { chooseClusterFault, type Leases } from './choose.ts';
import { watchDeaths } from './deaths.ts';
import { type ClusterFault, isClusterFault, isClusterType } from './faults.ts';
import { awaitWhole, inject } from './inject.ts';
import { heldLeases } from './leader.ts';
import { reopenLeft } from './nodes.ts';
import { readState, type State } from './state.ts';

/** A look takes a connection for each database, perhaps through the API server. */
const look_ms = 2000;
const permission = { label: 'assent/chaos', value: 'allowed' };

export interface TakeOptions {
  readonly faults: readonly FaultType[];
  /** Of the gateway's REST, when it isn't to be looked for. */
  readonly url: string | undefined;
  say(text: string): void;
}

/** Refuses a release whose namespace doesn't allow it. */
export async function takeRelease(release: Release, { faults, url, say }: TakeOptions): Promise<Ground> {
  const cluster = await openCluster();
  await demandPermission(cluster, release);
  const state = await readState(cluster, release);
  if (state.workloads.length === 0)
    throw new Error(
      `there is no release ${release.name} in namespace ${release.namespace}; \`helm list -A\` shows them`,
    );
  const leases = await heldLeases(cluster, release);
  const missing = await whatIsMissing(cluster, release, { state, leases, faults, say });
  const gateway = await gatewayUrl(cluster, release, url);
  say(`REST at ${gateway.url} (${gateway.by.toLowerCase().replace('_', ' ')})`);
  const { databases, close } = await openDatabases(cluster, release);
  const watch = watchDeaths(() => readState(cluster, release));
  const stop = async () => {
    watch.stop();
    await Promise.all([close(), gateway.close()]);
  };
  return {
    url: gateway.url,
    databases,
    missing,
    deaths: watch.seen,
    look_ms,
    choose(type, random) {
      if (isClusterType(type)) return chooseClusterFault(type, random, leases);
      throw notHere(type);
    },
    awaitVictim: (fault, signal) => awaitWhole(cluster, release, demand(fault), signal),
    inject: async (fault, signal) => inject(cluster, release, demand(fault), signal),
    saveLogs: (directory) => saveLogs(cluster, release, directory),
    stop,
    kill: () => void stop(),
  };
}

async function demandPermission({ core }: Cluster, { namespace }: Release): Promise<void> {
  const { metadata } = await core.readNamespace({ name: namespace });
  const { label, value } = permission;
  if (metadata?.labels?.[label] === value) return;
  throw new Error(
    `namespace ${namespace} doesn't allow chaos; if it is to: kubectl label namespace ${namespace} ${label}=${value}`,
  );
}

interface Present {
  readonly state: State;
  readonly leases: Leases;
  readonly faults: readonly FaultType[];
  say(text: string): void;
}

async function whatIsMissing(
  cluster: Cluster,
  release: Release,
  { state, leases, faults, say }: Present,
): Promise<Missing> {
  const has = (component: string) => state.workloads.some((one) => one.component === component);
  const noNodes = faults.includes('node-drain') ? await whyNoNodes(cluster, release, say) : undefined;
  return {
    ...(!has('postgres') && { 'postgres-delete': 'the release has no PostgreSQL of its own' }),
    ...(!has('redis') && { 'redis-delete': 'the release has no Redis of its own' }),
    ...(leases.size === 0 && { 'leader-pause': 'no service holds a Lease' }),
    ...(noNodes !== undefined && { 'node-drain': noNodes }),
  };
}

async function whyNoNodes(cluster: Cluster, release: Release, say: Present['say']): Promise<string | undefined> {
  try {
    const left = await reopenLeft(cluster, release);
    if (left.length > 0) say(`Opened again what was left closed: ${left.join(', ')}`);
    const { items } = await cluster.core.listNode();
    return items.filter(({ spec }) => spec?.unschedulable !== true).length < 2 ? 'there is only one node' : undefined;
  } catch (error) {
    if (refusalOf(error) === 403) return (error as Error).message;
    throw error;
  }
}

/** Of the pods that are there; what was deleted has taken its log with it. */
async function saveLogs(cluster: Cluster, release: Release, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const { pods } = await readState(cluster, release);
  const { namespace } = release;
  for (const { name, component, containers } of pods.filter((pod) =>
    serviceNames.some((one) => one === pod.component),
  )) {
    for (const previous of containers.some(({ restarts }) => restarts > 0) ? [true, false] : [false]) {
      const asked = cluster.core.readNamespacedPodLog({ namespace, name, container: component, previous });
      const text = await asked.catch((error: Error) => `${error.message}\n`);
      writeFileSync(join(directory, `${name}${previous ? '-previous' : ''}.log`), text);
    }
  }
}

function demand(fault: Parameters<Ground['inject']>[0]): ClusterFault {
  if (isClusterFault(fault)) return fault;
  throw notHere(fault.type);
}

function notHere(type: FaultType): Error {
  return new Error(`there is no ${type} on Kubernetes`);
}
