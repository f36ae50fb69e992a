// What a quantity can have been, when each change to it is known to have happened at some moment of a window.

/** From when on something may have happened, and until when it has; milliseconds, Infinity when that isn't known. */
export interface Window {
  readonly lo: number;
  readonly hi: number;
}

export interface Change extends Window {
  readonly delta: number;
}

export interface Bounds {
  /** No less than this was there at any moment from `lo` to `hi`. */
  lowest(window: Window): number;
  /** No more than this. */
  highest(window: Window): number;
}

/**
 * At its lowest, all has happened that took away from it and may have, and only that was added which certainly was; at its
 * highest the other way round. A look-up takes logarithmic time.
 */
export function boundsOf(changes: readonly Change[]): Bounds {
  const added = changes.filter(({ delta }) => delta > 0);
  const taken = changes.filter(({ delta }) => delta < 0);
  const certainlyAdded = sumsBy(added, ({ hi }) => hi);
  const perhapsAdded = sumsBy(added, ({ lo }) => lo);
  const certainlyTaken = sumsBy(taken, ({ hi }) => hi);
  const perhapsTaken = sumsBy(taken, ({ lo }) => lo);
  return {
    lowest: ({ lo, hi }) => certainlyAdded.before(lo) + perhapsTaken.until(hi),
    highest: ({ lo, hi }) => perhapsAdded.until(hi) + certainlyTaken.before(lo),
  };
}

/** Whether the sum may never have been negative: as if all was added as early, and taken as late, as it may have been. */
export function firstShortage<T extends Change>(changes: readonly T[]): T | undefined {
  const moments = changes.map((change) => ({ change, at: change.delta > 0 ? change.lo : change.hi }));
  moments.sort((a, b) => compare(a.at, b.at) || b.change.delta - a.change.delta);
  let sum = 0;
  for (const { change } of moments) {
    sum += change.delta;
    if (sum < 0) return change;
  }
  return undefined;
}

/** Sums of all deltas before a time, or until and with it. */
function sumsBy(changes: readonly Change[], timeOf: (change: Change) => number) {
  const sorted = changes.map((change) => ({ at: timeOf(change), delta: change.delta }));
  sorted.sort((a, b) => compare(a.at, b.at));
  const times = Float64Array.from(sorted, ({ at }) => at);
  const sums = new Float64Array(sorted.length + 1);
  for (const [index, { delta }] of sorted.entries()) sums[index + 1] = (sums[index] as number) + delta;
  const sumWhile = (isIn: (at: number) => boolean) => {
    let [from, to] = [0, times.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isIn(times[middle] as number)) from = middle + 1;
      else to = middle;
    }
    return sums[from] as number;
  };
  return {
    before: (time: number) => sumWhile((at) => at < time),
    until: (time: number) => sumWhile((at) => at <= time),
  };
}

/** Of numbers that may be infinite. */
export function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
