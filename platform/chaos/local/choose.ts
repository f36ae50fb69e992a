// One fault of a type, at random.
import { databaseNames, databaseOf, type ServiceName, serviceNames } from '../../start/services.ts';
import type { LocalFault, LocalFaultType } from './faults.ts';
import type { Weather } from './network/proxy.ts';
import { calls, database, type Party } from './network/topology.ts';

/** What there is to choose from. */
export interface Choice {
  /** All of the platform, such as order-1. */
  readonly replicas: readonly string[];
  /** Whether something of our own is between the processes. */
  readonly hasNetwork: boolean;
}

/** The coordinators' lease is 2 s: most pauses outlast it. */
const shortest_ms = 1500;
const longest_ms = 5000;
const directions = ['there', 'back', 'both'] as const;
const withDatabase = serviceNames.filter((service) => databaseOf[service] !== undefined);

/** @param random gives numbers in [0, 1) */
export function chooseLocalFault(
  type: LocalFaultType,
  random: () => number,
  { replicas, hasNetwork }: Choice,
): LocalFault {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const for_ms = between(shortest_ms, longest_ms);
  switch (type) {
    case 'kill':
      return { type, replica: pick(replicas) };
    case 'pause':
      return { type, replica: pick(replicas), for_ms };
    case 'partition':
      return { type, ...choosePair(pick, replicas), weather: chooseWeather(pick, between), for_ms };
    case 'db-restart':
      return { type };
    case 'db-slow': {
      const slow = { type: 'network', service: pick(withDatabase), delay_ms: between(10, 150) } as const;
      const locked = { type: 'locks', database: pick(databaseNames), hold_ms: between(200, 1500) } as const;
      return { type, by: hasNetwork && random() < 0.5 ? slow : locked, for_ms };
    }
    case 'disk-full':
      return { type, what: pick(['data', 'log']), for_ms };
    case 'pool-exhausted':
      return { type, database: pick(databaseNames), for_ms };
    case 'clock':
      return { type, replica: pick(replicas), skew_ms: pick([-60_000, 60_000]), born: random() < 0.5, for_ms };
  }
}

type Pick = <T>(list: readonly T[]) => T;

/** A replica, or all of a service, and whom it calls. */
function choosePair(pick: Pick, replicas: readonly string[]): { from: Party; to: Party } {
  const service = pick(serviceNames);
  const callees: readonly ServiceName[] = calls[service];
  const from = pick([service, ...of(service, replicas)]);
  const called = pick([...callees, ...(databaseOf[service] ? [database] : [])]);
  return { from, to: called === database ? called : pick([called, ...of(called, replicas)]) };
}

function of(service: string, replicas: readonly string[]): string[] {
  return replicas.filter((replica) => replica.startsWith(`${service}-`));
}

function chooseWeather(pick: Pick, between: (least: number, most: number) => number): Weather {
  const type = pick(['cut', 'swallow', 'swallow', 'delay'] as const);
  const direction = pick(directions);
  if (type === 'cut') return { type };
  return type === 'swallow' ? { type, direction } : { type, direction, delay_ms: between(50, 1000) };
}
