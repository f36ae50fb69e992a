// How coordinators and participants are configured, another way in every history.
import type { Random } from '../random.ts';

export interface Settings {
  /** How long a coordinator that shows no sign of life keeps its transactions. */
  readonly lease_ms: number;
  /** How long a call to a participant may take. */
  readonly callTimeout_ms: number;
  /** How often participants look for what is in doubt, and how old it must be. */
  readonly reconcileEvery_ms: number;
  readonly inDoubtAfter_ms: number;
  /** Coordinators that start from then on are of the next version, which writes records that the one before doesn't know. */
  readonly upgrade_ms: number;
  /** How wrong the clocks of processes are, at most. */
  readonly skew_ms: number;
  /** How long ended transactions and barrier rows are kept. */
  readonly logRetention_ms: number;
  readonly barrierRetention_ms: number;
}

export function anySettings(random: Random): Settings {
  // Days, where it is real; the clocks are wrong by less than that.
  const isKept = random.chance(0.8);
  return {
    lease_ms: random.pick([800, 2_000]),
    callTimeout_ms: random.pick([1_000, 5_000]),
    reconcileEvery_ms: random.pick([500, 4_000]),
    inDoubtAfter_ms: random.pick([500, 3_000]),
    upgrade_ms: random.chance(0.2) ? random.between(0, 10_000) : 0,
    skew_ms: isKept ? 60_000 : 1_000,
    logRetention_ms: isKept ? Number.POSITIVE_INFINITY : 20_000,
    barrierRetention_ms: isKept ? Number.POSITIVE_INFINITY : 22_000,
  };
}
