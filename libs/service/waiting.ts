import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '@assent/postgres';
import { backoff_ms } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';

const BACKOFF = { first_ms: 500, cap_ms: 10_000 };

/**
 * Does work on a database that may not be there yet, as often as it takes: what starts together comes up in any order. Each
 * reason is logged once. Throws what waiting doesn't mend, and the signal's reason.
 */
export async function whenReachable(work: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  let told: string | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      const { message } = error as Error;
      if (message !== told) log.warn({ err: error }, `waiting for the database: ${message}`);
      told = message;
    }
    await sleep(backoff_ms(attempts, BACKOFF, Math.random()), undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}
