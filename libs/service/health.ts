import { setTimeout as sleep } from 'node:timers/promises';
import { answers, openDatabase } from '@assent/postgres';

const EVERY_MS = 1000;
const TIMEOUT_MS = 1000;
// A machine that is busy for a moment must not look like a database that is gone.
const FAILURES = 2;

/**
 * Whether the database answers, and a call whenever that changes. It is asked over a connection of its own: a pool that
 * is busy must not look like a database that is gone either.
 */
export async function watchDatabase(
  url: string,
  name: string,
  onChange: (healthy: boolean) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const timeouts = { acquireTimeout_ms: TIMEOUT_MS, statementTimeout_ms: TIMEOUT_MS };
  const database = openDatabase({ url, name: `${name} health`, size: 1, ...timeouts });
  const check = () => answers(database);
  const isHealthy = await check();
  void watch(check, isHealthy, onChange, signal).finally(() => database.close());
  return isHealthy;
}

async function watch(
  check: () => Promise<boolean>,
  isHealthy: boolean,
  onChange: (healthy: boolean) => void,
  signal: AbortSignal,
) {
  for (let healthy = isHealthy, failures = healthy ? 0 : FAILURES; await pause(signal); ) {
    failures = (await check()) ? 0 : failures + 1;
    if (signal.aborted || healthy === failures < FAILURES) continue;
    healthy = !healthy;
    onChange(healthy);
  }
}

/** Waits for the next check; false when there is none. */
function pause(signal: AbortSignal): Promise<boolean> {
  return sleep(EVERY_MS, true, { signal, ref: false }).catch(() => false);
}
