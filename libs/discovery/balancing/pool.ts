// Endpoints of which one is chosen for a call, and what part of their share new ones get. Pure.
import type { Load } from './load.ts';

export interface Candidate {
  /** Its address; what consistent hashing goes by. */
  readonly key: string;
  load: Load;
  /** Since when it is in service; undefined is always. */
  readonly since_ms: number | undefined;
  /** The pool that it is in, or was the last time. */
  pool: Shared | undefined;
}

/** What the endpoints of a pool have in common. */
export interface Shared {
  readonly slowStart_ms: number;
  /** Since when the oldest is in service. */
  readonly oldest_ms: number;
  /** Of all of them together. */
  inFlight: number;
}

export interface Pool<C extends Candidate> extends Shared {
  readonly all: readonly C[];
  /** Those that get their full share: one at least. */
  readonly warm: readonly C[];
}

/** Even at first it gets some calls: without them it wouldn't get warm. Envoy's `min_weight_percent`. */
const LEAST_SHARE = 0.1;
const ALWAYS_MS = Number.NEGATIVE_INFINITY;

export function toPool<C extends Candidate>(all: readonly C[], slowStart_ms: number, now_ms: number): Pool<C> {
  const oldest_ms = all.reduce((oldest, { since_ms = ALWAYS_MS }) => Math.min(oldest, since_ms), Infinity);
  const inFlight = all.reduce((sum, { load }) => sum + load.inFlight, 0);
  const warm = all.filter((candidate) => shareOf(candidate, { slowStart_ms, oldest_ms }, now_ms) >= 1);
  const pool = { all, warm, slowStart_ms, oldest_ms, inFlight };
  for (const candidate of all) candidate.pool = pool;
  return pool;
}

/**
 * What part of its share an endpoint gets: it grows evenly with time (slow start as Envoy has it, with aggression 1). New
 * is who is newer than the oldest; so when all of them are new, as at the beginning, none is held back for long.
 */
export function shareOf(
  { since_ms = ALWAYS_MS }: Pick<Candidate, 'since_ms'>,
  { slowStart_ms, oldest_ms }: Pick<Shared, 'slowStart_ms' | 'oldest_ms'>,
  now_ms: number,
): number {
  const age_ms = now_ms - since_ms;
  const full_ms = Math.min(slowStart_ms, now_ms - oldest_ms);
  return age_ms >= full_ms ? 1 : Math.max(LEAST_SHARE, age_ms / full_ms);
}

/** The candidate, as often as its share says; otherwise a warm one. `part` and `random` give [0, 1). */
export function admitted<C extends Candidate>(candidate: C, pool: Pool<C>, random: () => number, now_ms: number): C {
  if (pool.warm.length === pool.all.length || random() < shareOf(candidate, pool, now_ms)) return candidate;
  return pool.warm[Math.floor(random() * pool.warm.length)]!;
}

/** The first that has room for a call, from `start` on. Only when the chosen one has none does anyone look further. */
export function withRoom<C extends Candidate>({ all }: Pool<C>, start: number, maxInFlight: number): C | undefined {
  for (let step = 0; step < all.length; step++) {
    const candidate = all[(start + step) % all.length]!;
    if (candidate.load.inFlight < maxInFlight) return candidate;
  }
  return undefined;
}
