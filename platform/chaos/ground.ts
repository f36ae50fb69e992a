// The platform that faults happen to: one of our own, or one that runs already.

import { findRun } from '../run/find.ts';
import { postgresDirectory } from '../run/paths.ts';
import { readRun } from '../run/registry.ts';
import type { Event } from '../start/events.ts';
import { startPlatform } from '../start/platform.ts';
import { freePorts } from '../start/ports.ts';
import { databaseOf, serviceNames } from '../start/services.ts';
import type { Wiring } from '../start/wiring.ts';
import { createClocks } from './clock/clock.ts';
import type { FaultType } from './faults.ts';
import { type Disk, mountDisk, whyNoDisk } from './inject/disk.ts';
import type { Arena } from './inject/inject.ts';
import { openNetwork } from './network/network.ts';
import type { Death } from './report/report.ts';

/** Types of faults that can't be had here, and why, for people. */
export type Missing = Partial<Readonly<Record<FaultType, string>>>;

export interface Ground {
  readonly arena: Arena;
  readonly missing: Missing;
  readonly replicas: readonly string[];
  /** So far, by performance.now(); only known of a platform of our own. */
  readonly deaths: readonly Death[];
  /** One of our own ends; another one goes on. */
  stop(): Promise<void>;
  /** Does so at once. */
  kill(): void;
}

const notOurs = 'only a platform that this command has started can have that (leave --port away)';

/** One that runs already has nothing in between its processes. */
export function takePlatform(port: number): Ground {
  const found = findRun(port);
  return {
    arena: {
      run() {
        const run = readRun(found.directory);
        if (!run) throw new Error('the platform is gone');
        return run;
      },
    },
    missing: { partition: notOurs, clock: notOurs, 'disk-full': notOurs },
    replicas: replicaNames(found.replicas),
    deaths: [],
    stop: async () => {},
    kill: () => {},
  };
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
  const port = await freePorts();
  const platform = await startPlatform({ port, replicas, shards, logLevel: 'fatal', emit, prepare, wire });
  try {
    await platform.open();
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return {
    arena: { run: () => platform.run.record, ...means },
    missing: noDisk ? { 'disk-full': noDisk } : {},
    replicas: names,
    deaths,
    async stop() {
      await platform.stop();
      means.network?.close();
    },
    kill: platform.kill,
  };
}

function replicaNames(replicas: number): string[] {
  return serviceNames.flatMap((service) =>
    databaseOf[service] ? Array.from({ length: replicas }, (_, index) => `${service}-${index + 1}`) : [service],
  );
}
