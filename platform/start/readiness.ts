import type { Death } from './replica.ts';

/** A replica that dies so often in a row before the platform was ready won't start. */
const hopelessDeaths = 4;

/** Waits until every one of the names has served once. */
export interface Readiness {
  readonly reached: Promise<void>;
  served(name: string): void;
  said(name: string, words: string): void;
  died(name: string, death: Death): void;
}

export function awaitReadiness(names: readonly string[], timeout_ms: number): Readiness {
  const waiting = new Set(names);
  const lastWords = new Map<string, string>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = () => reject(new Error(`not ready after ${timeout_ms / 1000} s: ${[...waiting].join(', ')}`));
  const timer = setTimeout(late, timeout_ms);
  const over = () => clearTimeout(timer);
  promise.then(over, over);
  if (waiting.size === 0) resolve();
  return {
    reached: promise,
    served(name) {
      waiting.delete(name);
      if (waiting.size === 0) resolve();
    },
    said: (name, words) => lastWords.set(name, words),
    died(name, { cause, deaths }) {
      if (deaths >= hopelessDeaths)
        reject(new Error(`${name} does not start (${cause}): ${lastWords.get(name) ?? ''}`));
    },
  };
}
