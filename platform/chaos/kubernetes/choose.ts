// One fault of a type, at random.
import type { ServiceName } from '../../start/services.ts';
import { serviceNames } from '../../start/services.ts';
import type { ClusterFault, ClusterFaultType } from './faults.ts';

/** How long the Leases last that are held, by their services. */
export type Leases = ReadonlyMap<ServiceName, number>;

/** Nodes stay closed for so long after the last pod has left, and pauses outlast a Lease by so much. */
const shortest_ms = 3000;
const longest_ms = 8000;
/** Of restarts: of all services. */
const ofAll = 0.25;

/**
 * @param random gives numbers in [0, 1)
 * @param leases at least one, for `leader-pause`
 */
export function chooseClusterFault(type: ClusterFaultType, random: () => number, leases: Leases): ClusterFault {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const length_ms = () => Math.round(shortest_ms + random() * (longest_ms - shortest_ms));
  switch (type) {
    case 'pod-delete':
    case 'pod-kill':
      return { type, component: pick(serviceNames), place: random() };
    case 'node-drain':
      return { type, place: random(), for_ms: length_ms() };
    case 'rollout-restart':
      return { type, component: random() < ofAll ? 'all' : pick(serviceNames) };
    case 'postgres-delete':
    case 'redis-delete':
      return { type, by: pick(['shutdown', 'crash']) };
    case 'leader-pause': {
      const [component, lease_ms] = pick([...leases]);
      return { type, component, for_ms: lease_ms + length_ms() };
    }
  }
}
