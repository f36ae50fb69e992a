import { setTimeout as sleep } from 'node:timers/promises';

const every_ms = 15;

/** Looks until it is so; false when it isn't in time. */
export async function until(timeout_ms: number, isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + timeout_ms; ; await sleep(every_ms)) {
    if (await isSo()) return true;
    if (Date.now() > end) return false;
  }
}
