import { setTimeout as sleep } from 'node:timers/promises';
import { type Identity, identify, signal } from '../../../run/identity.ts';
import type { Run } from '../../../run/registry.ts';
import type { Injection } from '../../ground.ts';
import type { Clocks } from '../clock/clock.ts';
import type { LocalFault } from '../faults.ts';
import type { Network } from '../network/network.ts';
import type { Disk } from './disk.ts';
import { pause } from './pause.ts';
import { postmasterOf } from './postmaster.ts';
import { fillLog, lockTables, takeConnections } from './store.ts';

/** The platform that faults happen to, and the means for those that need some. */
export interface Arena {
  /** As it is now. */
  run(): Run;
  readonly network?: Network;
  readonly clocks?: Clocks;
  readonly disk?: Disk;
}

type Heal = NonNullable<Injection['heal']>;

/** A replica may just be restarting. */
const appears_ms = 3000;

/** Does it. Fails when it can't be done, having changed nothing. */
export async function inject(fault: LocalFault, arena: Arena): Promise<Injection> {
  switch (fault.type) {
    case 'kill':
      signal(await find(fault.replica, arena), 'SIGKILL');
      return {};
    case 'pause':
      return { heal: await pause(await find(fault.replica, arena)) };
    case 'partition':
      return { heal: disturb(arena, fault) };
    case 'db-restart':
      crashServer(arena);
      return {};
    case 'db-slow':
      return { heal: slowDown(fault.by, arena) };
    case 'disk-full':
      return { heal: fillDisk(fault.what, arena) };
    case 'pool-exhausted':
      return {
        heal: inBackground((signal) => takeConnections(adminUrlOf(arena), urlOf(arena, fault.database), signal)),
      };
    case 'clock':
      return { heal: await skew(fault, arena) };
  }
}

async function find(replica: string, { run }: Arena): Promise<Identity> {
  for (const end_ms = performance.now() + appears_ms; performance.now() < end_ms; await sleep(50)) {
    const found = run().processes.find(({ name }) => name === replica)?.identity;
    if (found) return found;
  }
  throw new Error(`${replica} has no process`);
}

function disturb({ network }: Arena, { from, to, weather }: Parameters<Network['disturb']>[0]): Heal {
  const end = demand(network, 'network').disturb({ from, to, weather });
  return async () => end();
}

function crashServer(arena: Arena): void {
  const server = identify(postmasterOf(arena.run().directory));
  if (!server) throw new Error('PostgreSQL is not running');
  signal(server, 'SIGQUIT');
}

function slowDown(by: Extract<LocalFault, { type: 'db-slow' }>['by'], arena: Arena): Heal {
  if (by.type === 'locks') {
    return inBackground((signal) => lockTables(urlOf(arena, by.database), by.hold_ms, signal));
  }
  const weather = { type: 'delay', direction: 'both', delay_ms: by.delay_ms } as const;
  return disturb(arena, { from: by.service, to: 'database', weather });
}

function fillDisk(what: 'data' | 'log', arena: Arena): Heal {
  const disk = demand(arena.disk, 'disk');
  disk.fill();
  const stop = what === 'log' ? inBackground((signal) => fillLog(adminUrlOf(arena), signal)) : undefined;
  return async () => {
    disk.free();
    await stop?.();
  };
}

async function skew({ replica, skew_ms, born }: Extract<LocalFault, { type: 'clock' }>, arena: Arena): Promise<Heal> {
  const clocks = demand(arena.clocks, 'clocks');
  const identity = await find(replica, arena);
  clocks.set(replica, skew_ms);
  if (born) signal(identity, 'SIGKILL');
  return async () => clocks.set(replica, 0);
}

/** Work that goes on until it is healed. */
function inBackground(work: (signal: AbortSignal) => Promise<void>): Heal {
  const over = new AbortController();
  // It ends early when there is no server any more, which is as bad for the services.
  const done = work(over.signal).catch(() => {});
  return async () => {
    over.abort();
    await done;
  };
}

function adminUrlOf({ run }: Arena): string {
  return demand(run().adminUrl, 'address of PostgreSQL');
}

function urlOf({ run }: Arena, database: string): string {
  return demand(run().databases[database], `database ${database}`);
}

function demand<T>(means: T | undefined, name: string): T {
  if (means === undefined) throw new Error(`there is no ${name}`);
  return means;
}
