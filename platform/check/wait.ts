import { setTimeout as sleep } from 'node:timers/promises';
import { progressOf } from './progress.ts';
import type { DatabaseUrls } from './sources.ts';

const period_ms = 200;

/** Waits until no transaction is open, or until so many seconds have passed. */
export async function awaitQuiet(databases: DatabaseUrls, wait_s: number): Promise<void> {
  const end_ms = performance.now() + wait_s * 1000;
  while (performance.now() < end_ms && (await progressOf(databases)).open > 0) await sleep(period_ms);
}
