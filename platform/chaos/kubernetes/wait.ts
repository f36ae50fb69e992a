import { setTimeout as sleep } from 'node:timers/promises';

const period_ms = 500;

/**
 * Asks again and again until it is so. Rejects with `late` after so long, at once when the signal is aborted, and with what went
 * wrong when nothing else came of it until then.
 */
export async function until(
  isSo: () => Promise<boolean>,
  { late, patience_ms, signal }: { readonly late: string; readonly patience_ms: number; readonly signal: AbortSignal },
): Promise<void> {
  const end_ms = performance.now() + patience_ms;
  for (;;) {
    if (signal.aborted) throw new Error('interrupted');
    let reason = late;
    try {
      if (await isSo()) return;
    } catch (error) {
      reason = (error as Error).message;
    }
    if (performance.now() > end_ms) throw new Error(reason);
    await sleep(period_ms, undefined, { signal }).catch(() => {});
  }
}
