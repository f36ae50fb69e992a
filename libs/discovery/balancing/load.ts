// How loaded an endpoint is, and which of several is the least so. Pure: time and chance come as arguments.

/** What a client knows of an endpoint's load. */
export interface Load {
  /** Calls that have started and not ended. */
  readonly inFlight: number;
  /** A mean of latencies that jumps up at once and decays, in milliseconds; undefined before the first call has ended. */
  readonly latency_ms: number | undefined;
  /** When `latency_ms` was computed. */
  readonly at_ms: number;
}

export const UNUSED: Load = { inFlight: 0, latency_ms: undefined, at_ms: 0 };

/** After this time an old latency weighs 1/e. */
const DECAY_MS = 1_000;
/** A call that took longer says nothing of the load: it was a stream, or waited for something. In-flight calls tell instead. */
const LONGEST_MS = 1_000;
/** What a failure counts: without this an endpoint that fails fast would seem the best. */
const FAILURE_MS = 1_000;
/** Differences below this are noise: a pause of the collector, a connection's first call. */
const FLOOR_MS = 5;

export function started(load: Load): Load {
  return { ...load, inFlight: load.inFlight + 1 };
}

/** A call has ended after `latency_ms`; `failed` means that the endpoint is to blame. */
export function ended(load: Load, latency_ms: number, failed: boolean, now_ms: number): Load {
  const inFlight = load.inFlight - 1;
  const observed_ms = failed ? FAILURE_MS : latency_ms;
  if (observed_ms > LONGEST_MS) return { ...load, inFlight };
  return { inFlight, latency_ms: mean(load, observed_ms, now_ms), at_ms: now_ms };
}

// Peak EWMA: bad news counts at once, good news by and by.
function mean({ latency_ms, at_ms }: Load, observed_ms: number, now_ms: number): number {
  if (latency_ms === undefined || observed_ms >= latency_ms) return observed_ms;
  const weight = Math.exp(-(now_ms - at_ms) / DECAY_MS);
  return latency_ms * weight + observed_ms * (1 - weight);
}

/**
 * The latency that one more call must expect, times its place in the queue. Without calls an old latency fades, so that
 * an endpoint that was slow gets another chance. A new endpoint gets one call to show itself before it gets more.
 */
export function cost({ inFlight, latency_ms, at_ms }: Load, now_ms: number): number {
  if (latency_ms === undefined) return inFlight * FAILURE_MS;
  return (inFlight + 1) * Math.max(FLOOR_MS, latency_ms * Math.exp(-(now_ms - at_ms) / DECAY_MS));
}

/**
 * The less loaded of two that chance chooses (power of two choices): nearly as good as the best of all, and many clients
 * don't run to the same one. `random` gives [0, 1); `candidates` isn't empty.
 */
export function choose<T extends { readonly load: Load }>(
  candidates: readonly T[],
  random: () => number,
  now_ms: number,
): T {
  const { length } = candidates;
  const index = Math.floor(random() * length);
  const first = candidates[index]!;
  if (length === 1) return first;
  const second = candidates[(index + 1 + Math.floor(random() * (length - 1))) % length]!;
  // Of equals the first, which chance chose.
  return cost(first.load, now_ms) <= cost(second.load, now_ms) ? first : second;
}
