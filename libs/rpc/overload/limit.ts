// How much a server takes on at a time, found out from how long it takes. In the way of Netflix' Gradient2
// (https://github.com/Netflix/concurrency-limits), with three differences, since our servers work in batches, which makes
// them slower and more productive at once:
// - Nothing is changed before the limit has been reached: that calls take longer with more of them is no overload.
// - A latency that nobody minds (`calm_ms`) is never a reason to take on less.
// - What is usual is learned only while there is room. Gradient2 goes on learning, takes an overload that lasts for the
//   usual, and lets the limit grow with it.

export interface LimitOptions {
  /** Where it begins, and comes back to when an overload is over. */
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** How much slower than usual calls may be. */
  readonly tolerance: number;
  /** So long may calls take in any case. */
  readonly calm_ms: number;
  /** How long it takes to get used to another latency. */
  readonly memory_ms: number;
}

/** What happened in a while in which some calls ended. */
export interface Sample {
  /** The mean of the calls that ended. */
  readonly latency_ms: number;
  /** The while, in milliseconds. */
  readonly elapsed_ms: number;
  /** The most that was under way at a time. */
  readonly peak: number;
  /** Whether the limit held anybody up. */
  readonly isFull: boolean;
}

export interface Limit {
  readonly limit: number;
  /** What calls take while there is room; undefined before anything is known. */
  readonly usual_ms: number | undefined;
}

/** How much of the way to its next value the limit goes at once. */
const SMOOTHING = 0.2;
/** What is usual is learned while this part of the limit is free. */
const ROOM = 0.5;

export function initialLimit({ initial }: LimitOptions): Limit {
  return { limit: initial, usual_ms: undefined };
}

/** What calls may take until the limit falls. */
export function goal_ms({ usual_ms = 0 }: Limit, { calm_ms, tolerance }: LimitOptions): number {
  return Math.max(calm_ms, tolerance * usual_ms);
}

export function nextLimit(now: Limit, sample: Sample, options: LimitOptions): Limit {
  return { limit: adjust(now, sample, options), usual_ms: learn(now, sample, options) };
}

function adjust(now: Limit, { latency_ms, isFull }: Sample, options: LimitOptions): number {
  const { limit } = now;
  const gradient = Math.min(1, Math.max(0.5, goal_ms(now, options) / latency_ms));
  // The root is what may wait inside: without it the limit could not grow.
  const step = SMOOTHING * (limit * gradient + Math.sqrt(limit) - limit);
  // Nobody needs more than it was at first; less than that is what an overload has left.
  const next = isFull ? limit + step : Math.max(limit, Math.min(options.initial, limit + step));
  return Math.min(options.max, Math.max(options.min, next));
}

function learn({ limit, usual_ms }: Limit, { latency_ms, elapsed_ms, peak, isFull }: Sample, options: LimitOptions) {
  const hasRoom = !isFull && peak <= limit * ROOM;
  if (usual_ms === undefined) return hasRoom ? latency_ms : undefined;
  if (!hasRoom && latency_ms > usual_ms) return usual_ms;
  return usual_ms + (latency_ms - usual_ms) * (1 - Math.exp(-elapsed_ms / options.memory_ms));
}
