// How much time a call has, and when it isn't worth being made. Pure.

/** With less than that left no server answers in time. */
const LEAST_MS = 1;
/** Of what is left of a call, the calls that are made for it leave so much to say what has come of them. */
const KEPT_SHARE = 0.05;
const MOST_KEPT_MS = 20;

/** When a call is over that may take `timeout_ms`, and is made for one that is over at `parent_ms`; all by one clock. */
export function deadline_ms(now_ms: number, timeout_ms: number, parent_ms = Infinity): number {
  const left_ms = parent_ms - now_ms;
  // Nothing is kept of what never ends.
  const kept_ms = left_ms === Infinity ? 0 : Math.min(MOST_KEPT_MS, Math.max(0, left_ms) * KEPT_SHARE);
  return Math.min(now_ms + timeout_ms, parent_ms - kept_ms);
}

/** Whether a call can make it that takes `fastest_ms` at best, as far as that is known. */
export function hasTime(left_ms: number, fastest_ms = 0): boolean {
  return left_ms >= Math.max(LEAST_MS, fastest_ms);
}

/** A timer can't wait for longer: it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** How long a read waits for its first attempts: then there is as much time left for another one elsewhere. */
export function patience_ms(left_ms: number): number {
  return Math.min(LONGEST_MS, Math.ceil(left_ms / 2));
}
