import { seeded } from '../random.ts';
import { type Fault, type FaultType, lengthOf_ms } from './faults.ts';
import { isClusterFault } from './kubernetes/faults.ts';

export interface Planned {
  /** From the beginning of the faults. */
  readonly at_ms: number;
  readonly fault: Fault;
}

export interface Plan {
  readonly seed: number;
  readonly duration_ms: number;
  readonly every_ms: number;
  readonly faults: readonly FaultType[];
  /** One of a type, by numbers in [0, 1). */
  choose(type: FaultType, random: () => number): Fault;
}

/** How often one comes, compared with others: what stops all of the platform is rarer. */
const weights: Readonly<Record<FaultType, number>> = {
  kill: 4,
  pause: 3,
  partition: 5,
  'db-restart': 1,
  'db-slow': 2,
  'disk-full': 1,
  'pool-exhausted': 1,
  clock: 2,
  'pod-delete': 4,
  'pod-kill': 4,
  'node-drain': 1,
  'rollout-restart': 1,
  'postgres-delete': 1,
  'redis-delete': 1,
  'leader-pause': 1,
};
const attempts = 50;

/**
 * Which fault begins when: the same for the same seed and settings. They may overlap, but nobody is the victim of two at
 * a time, and all are over by the end.
 */
export function schedule({ seed, duration_ms, every_ms, faults, choose }: Plan): Planned[] {
  const random = seeded(seed);
  const lots = faults.flatMap((type) => Array<FaultType>(weights[type]).fill(type));
  const planned: Planned[] = [];
  const chooseAt = (at_ms: number) => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const type = lots[Math.floor(random() * lots.length)] as FaultType;
      const fault = choose(type, random);
      const isFree = !planned.some((other) => victimOf(other.fault) === victimOf(fault) && until_ms(other) > at_ms);
      if (isFree && at_ms + lengthOf_ms(fault) <= duration_ms) return fault;
    }
    return undefined;
  };
  for (let at_ms = 0; at_ms < duration_ms; at_ms += every_ms) {
    const fault = chooseAt(at_ms);
    if (fault) planned.push({ at_ms, fault });
  }
  return planned;
}

/** Which of two faults can't happen at the same time. */
export function victimOf(fault: Fault): string {
  switch (fault.type) {
    case 'kill':
    case 'pause':
    case 'clock':
      return fault.replica;
    case 'partition':
      return `${fault.from} → ${fault.to}`;
    case 'db-restart':
    case 'db-slow':
    case 'disk-full':
    case 'pool-exhausted':
    case 'postgres-delete':
      return 'the database';
    case 'pod-delete':
    case 'pod-kill':
    case 'rollout-restart':
    case 'leader-pause':
      return fault.component;
    case 'node-drain':
      return 'a node';
    case 'redis-delete':
      return 'Redis';
  }
}

function until_ms({ at_ms, fault }: Planned): number {
  return at_ms + lengthOf_ms(fault) + restAfter_ms(fault);
}

/** So long its victim is left alone, so that it can be seen to come back: a process quickly, a pod less so. */
function restAfter_ms(fault: Fault): number {
  if (isClusterFault(fault)) return 20_000;
  // Everything needs the database.
  const isServer = fault.type === 'db-restart' || fault.type === 'disk-full' || fault.type === 'pool-exhausted';
  return isServer ? 8000 : 2000;
}
