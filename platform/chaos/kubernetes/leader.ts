// The process that holds a Lease is stopped, and goes on when the Lease is somebody else's.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Status } from '@kubernetes/client-node';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { refusalOf } from '../../kubernetes/failure.ts';
import { fullnameOf, type Release } from '../../kubernetes/release.ts';
import { type ServiceName, serviceNames } from '../../start/services.ts';
import type { Leases } from './choose.ts';
import { readState } from './state.ts';

interface Held {
  readonly holder: string;
  readonly lease_ms: number;
}

/** Which services' Leases are held, and for how long without being renewed. */
export async function heldLeases(cluster: Cluster, release: Release): Promise<Leases> {
  const all = await Promise.all(
    serviceNames.map(async (name) => [name, await readLease(cluster, release, name)] as const),
  );
  return new Map(all.flatMap(([name, held]) => (held ? [[name, held.lease_ms] as const] : [])));
}

async function readLease(cluster: Cluster, release: Release, service: ServiceName): Promise<Held | undefined> {
  try {
    const { namespace } = release;
    const { spec } = await cluster.coordination.readNamespacedLease({
      namespace,
      name: `${fullnameOf(release)}-${service}`,
    });
    if (!spec?.holderIdentity || !spec.leaseDurationSeconds) return undefined;
    return { holder: spec.holderIdentity, lease_ms: spec.leaseDurationSeconds * 1000 };
  } catch (error) {
    if (refusalOf(error) === 404) return undefined;
    throw error;
  }
}

/**
 * Runs in the container, where there is nothing but Node: stops the child of PID 1, which is tini, and lets it go on when its own
 * input says so or ends, or after the given time: so also when whoever has started it is gone.
 */
const script = `
  const { readdirSync, readFileSync } = require('node:fs');
  const parent = (pid) => readFileSync('/proc/' + pid + '/stat', 'utf8').replace(/.*\\) . /s, '').split(' ')[0];
  const isChild = (pid) => { try { return parent(pid) === '1' } catch { return false } };
  const pid = Number(readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).find(isChild));
  if (!pid) throw new Error('PID 1 has no child');
  process.kill(pid, 'SIGSTOP');
  console.log('stopped');
  const goOn = () => { process.kill(pid, 'SIGCONT'); process.exit() };
  process.stdin.on('data', goOn).on('end', goOn).on('error', goOn);
  process.on('SIGTERM', goOn);
  setTimeout(goOn, Number(process.argv[1]));`;

/** How much later than asked for a process goes on that nobody told to. */
const reserve_ms = 10_000;
const patience_ms = 15_000;

/** Stops the leader of a service. Returns the name of its pod, and what lets it go on. */
export async function pauseLeader(
  cluster: Cluster,
  release: Release,
  { component, for_ms }: { readonly component: ServiceName; readonly for_ms: number },
): Promise<{ victim: string; heal: () => Promise<void> }> {
  const { holder } = (await readLease(cluster, release, component)) ?? {};
  const { pods } = await readState(cluster, release, component);
  const pod = pods.find(({ name, isReady }) => isReady && holder?.startsWith(name));
  if (!pod) throw new Error(`no ready pod holds the Lease of ${component}`);
  const input = new PassThrough();
  const output = new PassThrough();
  const ended = Promise.withResolvers<V1Status>();
  const exec = new cluster.client.Exec(cluster.config);
  const command = ['node', '-e', script, String(for_ms + reserve_ms)];
  const end = (status: V1Status) => ended.resolve(status);
  const { namespace } = release;
  const socket = await exec.exec(namespace, pod.name, component, command, output, output, input, false, end);
  socket.addEventListener('close', () => ended.reject(new Error('the connection to the pod broke')));
  ended.promise.catch(() => {});
  const [said] = (await Promise.race([
    once(output, 'data'),
    ended.promise.then(() => ['it ended']),
    late(),
  ])) as unknown[];
  if (String(said).trim() !== 'stopped')
    throw new Error(`${pod.name} can't be paused: ${String(said).trim().split('\n')[0]}`);
  return {
    victim: pod.name,
    async heal() {
      input.write('go on\n');
      const { status, message } = await Promise.race([ended.promise, late()]);
      if (status !== 'Success') throw new Error(message ?? 'the pod may still be paused');
    },
  };
}

async function late(): Promise<never> {
  await sleep(patience_ms, undefined, { ref: false });
  throw new Error(`the pod says nothing for ${patience_ms / 1000} s`);
}
