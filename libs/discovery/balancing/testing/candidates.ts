// Endpoints without connections, for what is pure.
import type { Zoned } from '../choosing.ts';
import { ended, type Load, started, UNUSED } from '../load.ts';
import type { Choose } from '../policy.ts';

export interface TestCandidate extends Zoned {
  readonly latency_ms: number;
  calls: number;
}

export function candidate(key: string, about: Partial<TestCandidate> = {}): TestCandidate {
  return {
    key,
    zone: undefined,
    since_ms: undefined,
    latency_ms: 5,
    load: UNUSED,
    calls: 0,
    pool: undefined,
    ...about,
  };
}

/** A linear congruential generator: the same chance in every run. */
export function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** What each candidate got of 10,000 calls by so many callers, each of which calls when its last call has ended. */
export function shares(candidates: readonly TestCandidate[], choose: Choose<TestCandidate>, callers: number): number[] {
  const random = seeded(7);
  const ends: { at_ms: number; to: TestCandidate }[] = [];
  const setLoad = (to: TestCandidate, load: Load) => {
    if (to.pool) to.pool.inFlight += load.inFlight - to.load.inFlight;
    to.load = load;
  };
  const call = (now_ms: number) => {
    const to = choose(now_ms, Math.floor(random() * 2 ** 32))!;
    setLoad(to, started(to.load));
    to.calls += 1;
    ends.push({ at_ms: now_ms + to.latency_ms, to });
  };
  for (let caller = 0; caller < callers; caller++) call(0);
  for (let calls = callers; calls < 10_000; calls++) {
    ends.sort((a, b) => a.at_ms - b.at_ms);
    const { at_ms, to } = ends.shift()!;
    setLoad(to, ended(to.load, to.latency_ms, 'fine', at_ms));
    call(at_ms);
  }
  return candidates.map((one) => one.calls / 10_000);
}
