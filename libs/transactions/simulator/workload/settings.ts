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
}

export function anySettings(random: Random): Settings {
  return {
    lease_ms: random.pick([800, 2_000]),
    callTimeout_ms: random.pick([1_000, 5_000]),
    reconcileEvery_ms: random.pick([500, 4_000]),
    inDoubtAfter_ms: random.pick([500, 3_000]),
  };
}
