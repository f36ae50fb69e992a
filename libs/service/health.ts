import { setTimeout as sleep } from 'node:timers/promises';
import { answers, openDatabase } from '@assent/postgres';
import type { Logger } from '@assent/telemetry';
import type { ServiceConfig } from './config.ts';

const EVERY_MS = 1000;
const TIMEOUT_MS = 1000;
// A machine that is busy for a moment must not look like a database that is gone.
const FAILURES = 2;

interface Databases {
  readonly name: string;
  readonly config: ServiceConfig;
  /** Instead of DATABASE_URL. */
  readonly databaseUrls?: readonly string[];
}

/** Tells whether the service can serve: now, and whenever one of its databases answers again or stops to. */
export async function reportHealth(
  setServing: (serving: boolean) => void,
  { name, config, databaseUrls }: Databases,
  log: Logger,
  signal: AbortSignal,
) {
  const urls = databaseUrls ?? (config.DATABASE_URL === undefined ? [] : [config.DATABASE_URL]);
  const down = new Set<number>();
  // What is left of several databases can be served.
  const isServing = () => urls.length === 0 || down.size < urls.length;
  const report = (database: number, healthy: boolean) => {
    if (healthy) down.delete(database);
    else down.add(database);
    setServing(isServing());
    log.warn({ healthy, database }, healthy ? 'the database answers again' : 'the database does not answer');
  };
  await Promise.all(
    urls.map(async (url, database) => {
      const isHealthy = await watchDatabase(url, name, (healthy) => report(database, healthy), signal);
      if (!isHealthy) report(database, false);
    }),
  );
  setServing(isServing());
}

/**
 * Whether the database answers, and a call whenever that changes. It is asked over a connection of its own: a pool that
 * is busy must not look like a database that is gone either.
 */
async function watchDatabase(
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
