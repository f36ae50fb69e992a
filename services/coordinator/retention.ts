// Keeps the log in partitions: makes those of the days to come, drops those of which everything has ended long ago. Any
// coordinator may do it, one at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidAt } from '@assent/postgres';
import type { Logger } from '@assent/telemetry';
import type { Store } from './store/index.ts';

export interface Retention {
  /**
   * How long transactions are kept after their partition's period. Participants keep their barriers for longer: as long as a
   * coordinator can still ask for an operation of a transaction, they must know what they have done of it.
   */
  readonly retention_ms: number;
  /** What one partition holds. */
  readonly period_ms: number;
}

const every_ms = 60_000;
/** Between batches of deletions: whoever needs the database goes first. */
const breath_ms = 20;

/** Works at once and then every so often, until the signal. Never throws. */
export async function retain(store: Store, retention: Retention, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await retainOnce(store, retention, log, signal).catch((error: unknown) => {
      if (!signal.aborted)
        log.warn({ err: error }, 'the partitions of the log could not be looked after, trying again');
    });
    const pause_ms = every_ms * (0.75 + Math.random() / 2);
    await sleep(pause_ms, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** One round. */
export async function retainOnce(store: Store, retention: Retention, log: Logger, signal?: AbortSignal): Promise<void> {
  const { retention_ms, period_ms } = retention;
  const now_ms = await store.now();
  await store.makePartitions(now_ms, period_ms);
  const before_ms = now_ms - retention_ms;
  const untilNone = async (deleteSome: () => Promise<unknown>) => {
    while (!signal?.aborted && (await deleteSome())) await sleep(breath_ms);
  };
  await store.alone(async () => {
    // A transaction that waits for a person keeps its neighbours.
    const ended = await store.endedPartitions(before_ms);
    for (const partition of ended) {
      let last: string | undefined = uuidAt(0);
      await untilNone(async () => {
        last = await store.deleteKeys(partition, last as string);
        return last;
      });
    }
    const dropped = signal?.aborted ? [] : await store.dropPartitions(ended);
    if (dropped.length > 0) log.info({ dropped }, 'dropped partitions of ended transactions');
    await untilNone(() => store.deleteStrays(before_ms));
    await untilNone(() => store.deleteKeysElsewhere(before_ms));
    await store.forget();
  });
}
