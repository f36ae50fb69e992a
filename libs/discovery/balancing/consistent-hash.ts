// Consistent hashing with bounded loads: https://arxiv.org/abs/1608.01350
import { fnv1a, mixed } from '../hash.ts';
import type { Policy } from './policy.ts';
import { type Candidate, shareOf, withRoom } from './pool.ts';

/** Points of each endpoint on the ring: with so many, shares of keys differ by about a tenth. */
const POINTS = 100;

/**
 * Calls with the same key go to the same endpoint, as long as it has less than `bound` times the mean number of calls under
 * way; then to the next one on the ring. When an endpoint comes or goes, only keys of its own move. To a new one they
 * move by and by, each once.
 */
export function consistentHash(bound: number): Policy {
  return (pool, maxInFlight) => {
    let ring: Ring | undefined;
    return (now_ms, key) => {
      // Made when it is needed: at the beginning endpoints come one by one.
      ring ??= toRing(pool.all);
      const room = Math.min(maxInFlight, Math.ceil((bound * (pool.inFlight + 1)) / pool.all.length));
      const early = mixed(key ^ 0x5bd1e995) / 2 ** 32;
      const start = firstAt(ring, key);
      for (let step = 0; step < ring.owners.length; step++) {
        const owner = pool.all[ring.owners[(start + step) % ring.owners.length]!]!;
        if (owner.load.inFlight < room && early < shareOf(owner, pool, now_ms)) return owner;
      }
      return withRoom(pool, key % pool.all.length, maxInFlight);
    };
  };
}

interface Ring {
  /** Ascending. */
  readonly points: Uint32Array;
  /** Whose they are, by index. */
  readonly owners: Uint32Array;
}

function toRing(candidates: readonly Candidate[]): Ring {
  const points = candidates.flatMap(({ key }, owner) =>
    Array.from({ length: POINTS }, (_, point) => ({ at: mixed(fnv1a(`${key} ${point}`)), owner })),
  );
  points.sort((a, b) => a.at - b.at);
  return {
    points: Uint32Array.from(points, ({ at }) => at),
    owners: Uint32Array.from(points, ({ owner }) => owner),
  };
}

/** The index of the first point at or after `key`; past the end it is that of the first of all. */
function firstAt({ points }: Ring, key: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
