import { mixed } from '../hash.ts';
import type { Choose, Policy } from './policy.ts';
import { type Candidate, toPool } from './pool.ts';
import type { Settings } from './settings.ts';
import { byZone } from './zones.ts';

export interface Zoned extends Candidate {
  readonly zone: string | undefined;
}

/** Where calls are made from and how. */
export interface Caller {
  readonly zone: string | undefined;
  readonly settings: Settings;
  readonly policy: Policy;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/** How one of the candidates, which aren't none, is chosen from now on: first the zone, then in it by the policy. */
export function chooser<C extends Zoned>(
  candidates: readonly C[],
  { zone, settings: { zone: zoning, slowStart_ms, maxInFlight }, policy, random }: Caller,
  now_ms: number,
): Choose<C> {
  const among = (some: readonly C[]) => policy(toPool(some, slowStart_ms, now_ms), maxInFlight, random);
  if (!zoning) return among(candidates);
  const { near, far, nearShare } = byZone(candidates, zone, zoning.overload);
  const chooseNear = among(near);
  if (far.length === 0) return chooseNear;
  const chooseFar = among(far);
  return (now_ms, key) => {
    // By the key, so that what belongs together stays together.
    if (mixed(key) / 2 ** 32 < nearShare) return chooseNear(now_ms, key) ?? chooseFar(now_ms, key);
    return chooseFar(now_ms, key) ?? chooseNear(now_ms, key);
  };
}
