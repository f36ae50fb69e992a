// Keeps the log in partitions: makes those of the days to come, drops those of which everything has ended long ago. Any
// coordinator does it, one at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@assent/telemetry';
import { lowestId, missingPartitions, oldPartitions, type Partition } from './partitions.ts';
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
  await store.alone(async () => {
    const { existing, now_ms } = await store.partitions();
    for (const partition of missingPartitions(existing, now_ms, period_ms)) await store.makePartition(partition);
    for (const partition of oldPartitions(existing, now_ms, retention_ms)) await drop(store, partition, log, signal);
    while (!signal?.aborted && (await store.deleteStrays(now_ms - retention_ms)) > 0) await sleep(breath_ms);
    while (!signal?.aborted && (await store.deleteKeysElsewhere(now_ms - retention_ms)) > 0) await sleep(breath_ms);
    await store.forget();
  });
}

async function drop(store: Store, partition: Partition, log: Logger, signal?: AbortSignal): Promise<void> {
  const { name } = partition;
  // A transaction that waits for a person keeps its neighbours.
  if (await store.holdsOpen(name)) return;
  let last: string | undefined = lowestId(0);
  while (last !== undefined && !signal?.aborted) {
    last = await store.deleteKeys(partition, last);
    await sleep(breath_ms);
  }
  if (!signal?.aborted && (await store.dropPartition(partition)))
    log.info({ name }, 'dropped a partition of ended transactions');
}
