import { setTimeout as sleep } from 'node:timers/promises';
import type { Death } from '../ground.ts';
import type { State } from './state.ts';

const period_ms = 2000;

export interface DeathWatch {
  readonly seen: readonly Death[];
  stop(): void;
}

/** Looks again and again which containers were started anew in their pods: nobody's fault does that, but for what a pause leads to. */
export function watchDeaths(read: () => Promise<State>): DeathWatch {
  const seen: Death[] = [];
  const over = new AbortController();
  const watch = async () => {
    let known: State | undefined;
    while (!over.signal.aborted) {
      // A cluster that doesn't answer for a moment is noticed by others.
      const state = await read().catch(() => undefined);
      if (state && known) seen.push(...deathsBetween(known, state, performance.now()));
      known = state ?? known;
      await sleep(period_ms, undefined, { signal: over.signal, ref: false }).catch(() => {});
    }
  };
  void watch();
  return { seen, stop: () => over.abort() };
}

/** Those of pods that are there before and after. */
export function deathsBetween(before: State, after: State, at_ms: number): Death[] {
  const restarts = new Map(
    before.pods.flatMap((pod) => pod.containers.map((one) => [`${pod.name} ${one.name}`, one.restarts])),
  );
  return after.pods.flatMap((pod) =>
    pod.containers
      .filter((one) => one.restarts > (restarts.get(`${pod.name} ${one.name}`) ?? 0))
      .map((one) => ({ at_ms, replica: pod.name, cause: one.cause })),
  );
}
