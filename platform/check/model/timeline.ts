// When the entries of a ledger can have been made, and what the balance can have been at a time.
import type { Window } from './bounds.ts';
import { laws } from './laws.ts';
import type { Report } from './violation.ts';

export interface Timeline {
  /** By entry: it wasn't made earlier, because an entry before it wasn't; and not later. Both never go down. */
  readonly los: Float64Array;
  readonly his: Float64Array;
  /** By the number of entries made: from none to all. */
  readonly balances: Float64Array;
}

type Timed = Window & { readonly amount: number; readonly kind: string; readonly line: string | null };

/** Undefined, and reported, when the order of the entries contradicts that of the operations. */
export function timelineOf(entries: readonly Timed[], report: Report): Timeline | undefined {
  const los = new Float64Array(entries.length);
  const his = new Float64Array(entries.length);
  const balances = new Float64Array(entries.length + 1);
  let latest: Timed | undefined;
  for (const [index, entry] of entries.entries()) {
    if (!latest || entry.lo > latest.lo) latest = entry;
    if (entry.hi < latest.lo) {
      const seen = `a ${entry.kind} of ${entry.amount} after a ${latest.kind} of ${latest.amount}`;
      report(laws.time, seen, 'the other way round: it was answered before that was asked for', [
        entry.line,
        latest.line,
      ]);
      return undefined;
    }
    los[index] = latest.lo;
    balances[index + 1] = (balances[index] as number) + entry.amount;
  }
  let earliest = Number.POSITIVE_INFINITY;
  for (let index = entries.length - 1; index >= 0; index--) {
    earliest = Math.min(earliest, (entries[index] as Timed).hi);
    his[index] = earliest;
  }
  return { los, his, balances };
}

/** All balances that there can have been within a window, and the lowest of them. */
export function balanceAt(
  { los, his, balances }: Timeline,
  { lo, hi }: Window,
): { possible: number[]; lowest: number } {
  const made = firstWhere(his, (time) => time >= lo);
  const perhaps = firstWhere(los, (time) => time > hi);
  const possible = Array.from(balances.subarray(made, perhaps + 1));
  return { possible, lowest: possible.reduce((least, balance) => Math.min(least, balance), Number.POSITIVE_INFINITY) };
}

/** The first place in ascending numbers where it is so; their count when it is nowhere. */
function firstWhere(numbers: Float64Array, isSo: (one: number) => boolean): number {
  let [from, to] = [0, numbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isSo(numbers[middle] as number)) to = middle;
    else from = middle + 1;
  }
  return from;
}
