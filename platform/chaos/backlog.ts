import { setTimeout as sleep } from 'node:timers/promises';
import { progressOf } from '../check/progress.ts';
import type { Ground } from './ground.ts';
import type { Backlog } from './timeline.ts';

/** A database that doesn't answer by then is one that can't be asked. */
const timeout_ms = 2000;

export interface BacklogWatch {
  readonly seen: readonly Backlog[];
  stop(): void;
}

/** Looks again and again what is under way in the databases. */
export function watchBacklog(ground: Ground, now_ms: () => number): BacklogWatch {
  const seen: Backlog[] = [];
  const over = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal, ref: false }).catch(() => {});
  const watch = async () => {
    while (!over.signal.aborted) {
      const asked = progressOf(ground.databases).catch(() => undefined);
      const at_ms = now_ms();
      const progress = await Promise.race([asked, pause(timeout_ms)]);
      seen.push({ at_ms, ...(progress && { progress }) });
      await pause(ground.look_ms);
    }
  };
  // A platform that is gone is noticed by others.
  watch().catch(() => {});
  return { seen, stop: () => over.abort() };
}
