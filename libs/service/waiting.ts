import { setTimeout as sleep } from 'node:timers/promises';
import { advice, isTransient } from '@assent/postgres';
import { backoff_ms } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';

const BACKOFF = { first_ms: 500, cap_ms: 10_000 };

/**
 * Does work on a database that may not be there yet, as often as it takes: what starts together comes up in any order. Each
 * reason is logged once. Throws what waiting doesn't mend, with what to do about it, and the signal's reason.
 */
export async function whenReachable(
  url: string,
  work: () => Promise<void>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { host, pathname } = new URL(url);
  const database = `database ${decodeURIComponent(pathname.slice(1))} on ${host}`;
  let told: string | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return await work();
    } catch (error) {
      const { message } = error as Error;
      if (!isTransient(error)) {
        throw new Error([database, message, advice(error)].filter(Boolean).join(': '), { cause: error });
      }
      if (message !== told) log.warn({ err: error }, `waiting for the ${database}: ${message}`);
      told = message;
    }
    await sleep(backoff_ms(attempts, BACKOFF, Math.random()), undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}
