import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointListener, EndpointSource } from '../endpoints.ts';

/** Starts a source and remembers what it says. */
export function record(source: EndpointSource) {
  const updates: string[][] = [];
  const warnings: (string | undefined)[] = [];
  const failures: string[] = [];
  const listener: EndpointListener = {
    update(endpoints, warning) {
      updates.push(endpoints.map(({ host, port }) => `${host}:${port}`));
      warnings.push(warning);
    },
    failed: ({ message }) => failures.push(message),
  };
  return {
    updates,
    warnings,
    failures,
    /** What was pushed last. */
    last: () => updates.at(-1),
    ...source(listener),
  };
}

/** Until the condition holds; fails when it doesn't in time. */
export async function until(
  condition: () => boolean,
  what = condition.toString(),
  patience_ms = 20_000,
): Promise<void> {
  const end_ms = performance.now() + patience_ms;
  while (!condition()) {
    if (performance.now() > end_ms) throw new Error(`still not so after ${patience_ms} ms: ${what}`);
    await sleep(2);
  }
}
