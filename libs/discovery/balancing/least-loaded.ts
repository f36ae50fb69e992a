import { cost } from './load.ts';
import type { Policy } from './policy.ts';
import { admitted, withRoom } from './pool.ts';

/**
 * By what factor two costs must differ to say anything: latencies of equals do by chance. Below it chance decides, and equals
 * get equal shares.
 */
const CLEARLY = 1.5;

/**
 * The less loaded of two that chance chooses (power of two choices, Mitzenmacher 2001): nearly as good as the best of all,
 * and many clients don't run to the same one. No endpoint gets more than twice its even share.
 */
export const leastLoaded: Policy = (pool, maxInFlight, random) => {
  const { all } = pool;
  return (now_ms) => {
    const index = Math.floor(random() * all.length);
    const first = admitted(all[index]!, pool, random, now_ms);
    let chosen = first;
    if (all.length > 1) {
      const other = (index + 1 + Math.floor(random() * (all.length - 1))) % all.length;
      const second = admitted(all[other]!, pool, random, now_ms);
      if (CLEARLY * cost(second.load, now_ms) < cost(first.load, now_ms)) chosen = second;
    }
    return chosen.load.inFlight < maxInFlight ? chosen : withRoom(pool, index, maxInFlight);
  };
};
