// A platform on this machine: one of our own, or one that runs already.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@assent/ports';
import { findRun } from '../../run/find.ts';
import { postgresDirectory } from '../../run/paths.ts';
import { readRun } from '../../run/registry.ts';
import type { Event } from '../../start/events.ts';
import { startPlatform } from '../../start/platform.ts';
import { databaseOf, serviceNames } from '../../start/services.ts';
import type { Wiring } from '../../start/wiring.ts';
import type { FaultType } from '../faults.ts';
import type { Death, Ground } from '../ground.ts';
import { isClusterFault, isClusterType } from '../kubernetes/faults.ts';
import { chooseLocalFault } from './choose.ts';
import { createClocks } from './clock/clock.ts';
import { type Disk, mountDisk, whyNoDisk } from './inject/disk.ts';
import { type Arena, inject } from './inject/inject.ts';
import { openNetwork } from './network/network.ts';

const look_ms = 500;
const notOurs = 'only a platform that this command has started can have that (leave --port away)';

/** One that runs already has nothing in between its processes. */
export function takePlatform(port: number): Ground {
  const found = findRun(port);
  const run = () => {
    const record = readRun(found.directory);
    if (!record) throw new Error('the platform is gone');
    return record;
  };
  const missing = { partition: notOurs, clock: notOurs, 'disk-full': notOurs };
  const names = replicaNames(found.replicas);
  return ground({ run }, names, { missing, deaths: [], stop: async () => {}, kill: () => {} });
}

export interface OwnOptions {
  /** That it has to be ready for. */
  readonly faults: readonly FaultType[];
  readonly replicas: number;
  readonly coordinatorShards: number;
  readonly inventoryShards: number;
}

/** Starts one with proxies between all its processes, clocks that can be set, and a small disk for PostgreSQL. */
export async function startOwn(options: OwnOptions): Promise<Ground> {
  const { faults, replicas } = options;
  const names = replicaNames(replicas);
  const deaths: Death[] = [];
  const emit = (event: Event): void => {
    if (event.type !== 'died') return;
    deaths.push({ at_ms: performance.now(), replica: event.replica, cause: event.cause });
  };
  const noDisk = whyNoDisk();
  let means: Omit<Arena, 'run'> & { wiring?: Wiring } = {};
  const wire = (directory: string): Wiring => {
    const network = openNetwork(directory, names);
    const clocks = createClocks(directory);
    means = { ...means, network, clocks };
    return { ...network, preloads: (replica) => [clocks.preload(replica)] };
  };
  const prepare = (directory: string): void => {
    const disk: Disk | undefined =
      faults.includes('disk-full') && !noDisk ? mountDisk(postgresDirectory(directory)) : undefined;
    means = { ...means, ...(disk && { disk }) };
  };
  const shards = { coordinator: options.coordinatorShards, inventory: options.inventoryShards };
  const port = await freePort({ inARow: 2 });
  const platform = await startPlatform({ port, replicas, shards, logLevel: 'fatal', emit, prepare, wire });
  try {
    await platform.open();
  } catch (error) {
    await platform.stop();
    throw error;
  }
  const stop = async () => {
    await platform.stop();
    means.network?.close();
  };
  const missing = noDisk ? { 'disk-full': noDisk } : {};
  const arena = { run: () => platform.run.record, ...means };
  return ground(arena, names, { missing, deaths, stop, kill: platform.kill });
}

type Life = Pick<Ground, 'missing' | 'deaths' | 'stop' | 'kill'>;

function ground(arena: Arena, replicas: readonly string[], life: Life): Ground {
  const choice = { replicas, hasNetwork: arena.network !== undefined };
  return {
    ...life,
    look_ms,
    get url() {
      return `http://127.0.0.1:${arena.run().http_port}`;
    },
    get databases() {
      return arena.run().databases;
    },
    choose(type, random) {
      if (isClusterType(type)) throw notHere(type);
      return chooseLocalFault(type, random, choice);
    },
    async inject(fault) {
      if (isClusterFault(fault)) throw notHere(fault.type);
      return inject(fault, arena);
    },
    async saveLogs(directory) {
      cpSync(join(arena.run().directory, 'logs'), directory, { recursive: true });
    },
  };
}

function notHere(type: FaultType): Error {
  return new Error(`there is no ${type} on this machine`);
}

function replicaNames(replicas: number): string[] {
  return serviceNames.flatMap((service) =>
    databaseOf[service] ? Array.from({ length: replicas }, (_, index) => `${service}-${index + 1}`) : [service],
  );
}
