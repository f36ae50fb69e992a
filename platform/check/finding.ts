import type { Invariant } from './invariants.ts';

/** What breaks an invariant. */
export interface Violation {
  /** What it is about: an order, an account, … */
  readonly subject: string;
  readonly [detail: string]: unknown;
}

export interface Finding {
  readonly invariant: Pick<Invariant, 'name' | 'explanation' | 'of'>;
  /** How many rows it looked at. */
  readonly looked: number;
  /** At most `mostShown` of them. */
  readonly violations: readonly Violation[];
}

export const mostShown = 1000;
