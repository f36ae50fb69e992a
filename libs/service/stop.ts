import { writeFileSync } from 'node:fs';

/**
 * Why the process is to end: a signal, or its supervisor is gone. A second signal ends it at once, with an exit code of 1.
 */
export function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal);
        for (const again of ['SIGTERM', 'SIGINT'] as const) process.once(again, () => process.exit(1));
      });
    }
    const orphaned = () => resolve('the supervisor is gone');
    process.once('disconnect', orphaned);
    if (process.send && !process.connected) orphaned();
  });
}

/** Waits for work, but no longer than that. */
export async function within(timeout_ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${timeout_ms} ms`)), timeout_ms);
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Writes down why the process ends, for whoever looks at the end of it only. The log has it too, so that it may fail. */
export function leaveWord(file: string | undefined, reason: string): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, `${reason}\n`);
  } catch {}
}
