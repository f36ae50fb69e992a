import type { Candidate, Pool } from './pool.ts';

/**
 * Chooses one endpoint for a call; undefined when none has room for another. `key` is a hash of what the call is about,
 * 32 bits.
 */
export type Choose<C extends Candidate> = (now_ms: number, key: number) => C | undefined;

/** How one is chosen out of a pool, which isn't empty. `random` gives [0, 1). */
export type Policy = <C extends Candidate>(pool: Pool<C>, maxInFlight: number, random: () => number) => Choose<C>;
