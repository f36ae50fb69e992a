import type { Policy } from './policy.ts';
import { admitted, withRoom } from './pool.ts';

/** One after the other, whatever their load; many clients begin at different ones. */
export const roundRobin: Policy = (pool, maxInFlight, random) => {
  const { all } = pool;
  let next = Math.floor(random() * all.length);
  return (now_ms) => {
    const index = next;
    next = (next + 1) % all.length;
    const chosen = admitted(all[index]!, pool, random, now_ms);
    return chosen.load.inFlight < maxInFlight ? chosen : withRoom(pool, index, maxInFlight);
  };
};
