// How loaded an endpoint is. Pure: time comes as an argument.
import type { Verdict } from './verdict.ts';

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
export const LONGEST_MS = 1_000;
/** What a failure counts: without this an endpoint that fails fast would seem the best. */
const FAILURE_MS = 1_000;
/** Differences below this are noise: a pause of the collector, a connection's first call. */
const FLOOR_MS = 5;

export function started(load: Load): Load {
  return { ...load, inFlight: load.inFlight + 1 };
}

/** A call has ended after `latency_ms`. Of one that says nothing only the time counts that it has waited at least. */
export function ended(load: Load, latency_ms: number, verdict: Verdict, now_ms: number): Load {
  const inFlight = load.inFlight - 1;
  const observed_ms = verdict === 'sick' || verdict === 'busy' ? FAILURE_MS : latency_ms;
  const tells = verdict !== 'unknown' || observed_ms > (load.latency_ms ?? Infinity);
  if (!tells || observed_ms > LONGEST_MS) return { ...load, inFlight };
  return { inFlight, latency_ms: mean(load, observed_ms, now_ms), at_ms: now_ms };
}

/** A call that was counted as started never was. */
export function abandoned(load: Load): Load {
  return { ...load, inFlight: load.inFlight - 1 };
}

/** Its latency is forgotten: behind the address is another process now. */
export function renewed({ inFlight }: Load): Load {
  return { ...UNUSED, inFlight };
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
