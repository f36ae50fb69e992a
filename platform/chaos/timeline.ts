// What happened when, all in milliseconds since the load began.
import type { Progress } from '../check/progress.ts';
import type { Placed } from '../load/customer.ts';
import type { Fault } from './faults.ts';

export interface Order {
  /** When it should have been sent. */
  readonly scheduled_ms: number;
  /** Missing while it isn't answered. */
  answered_ms?: number;
  outcome?: Placed['outcome']['type'];
}

/** A fault that came about. */
export interface Happened {
  readonly fault: Fault;
  begun_ms: number;
  /** Who it has hit, when the fault itself doesn't say so. */
  victim?: string;
  /** When nothing stood in the way of a recovery any more; missing when that didn't come. */
  healed_ms?: number;
  /** When as much was ready as before; missing where that can't be told, or didn't come. */
  ready_ms?: number;
  /** Why it didn't come about, or wasn't healed. */
  error?: string;
}

/** When there was nothing of it left but its consequences; undefined when that didn't come. */
export function overAt({ healed_ms, ready_ms = 0 }: Pick<Happened, 'healed_ms' | 'ready_ms'>): number | undefined {
  return healed_ms === undefined ? undefined : Math.max(healed_ms, ready_ms);
}

/** What was under way; missing when a database couldn't be asked. */
export interface Backlog {
  readonly at_ms: number;
  readonly progress?: Progress;
}

export interface Timeline {
  readonly orders: readonly Order[];
  readonly faults: readonly Happened[];
  readonly backlog: readonly Backlog[];
  /** Attempts that came to nothing, and were made again. */
  readonly misses_ms: readonly number[];
  /** When the faults began, and the end of everything. */
  readonly calm_ms: number;
  readonly end_ms: number;
}
