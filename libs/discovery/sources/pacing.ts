import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait before trying again. */
export interface Backoff {
  /** At most so long after the first failure; twice that after the second, and so on. */
  readonly base_ms: number;
  /** But never longer than this. */
  readonly cap_ms: number;
}

/**
 * Exponential backoff with full jitter, so that clients that lost the same server don't all come back at once (Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog 2015). `failures` counts from 0, `random` is in [0, 1).
 */
export function backoff(failures: number, random: number, { base_ms, cap_ms }: Backoff): number {
  return random * Math.min(cap_ms, base_ms * 2 ** failures);
}

/** Between half of it and all of it: what clients do on a schedule they don't do at the same time. */
export function spread(interval_ms: number, random: number): number {
  return interval_ms * (0.5 + random / 2);
}

/** Waits so long or until the signal, and keeps no process alive. */
export async function pause(wait_ms: number, signal: AbortSignal): Promise<void> {
  await sleep(wait_ms, undefined, { signal, ref: false }).catch(() => {});
}
