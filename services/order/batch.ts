import { RpcError } from '@assent/rpc';

export interface BatchLimits {
  /** Keys that one load is given at most. */
  readonly batch: number;
  /** Keys that may wait for the next load. */
  readonly waiting: number;
}

/**
 * Turns look-ups of single keys into loads of many: what is asked for while a load is under way makes up the next one.
 * There is no timer, so a look-up that finds nothing under way starts at once; and what it finds is never older than
 * the question.
 */
export function batched<V>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>,
  limits: BatchLimits,
): (key: string) => Promise<V | undefined> {
  const waiting = new Map<string, PromiseWithResolvers<V | undefined>>();
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // Keys that are asked for in one go share a load.
    await undefined;
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, limits.batch);
      for (const [key] of batch) waiting.delete(key);
      try {
        const found = await load(batch.map(([key]) => key));
        for (const [key, { resolve }] of batch) resolve(found.get(key));
      } catch (error) {
        for (const [, { reject }] of batch) reject(error);
      }
    }
    running = false;
  }

  return (key) => {
    const asked = waiting.get(key);
    if (asked) return asked.promise;
    if (waiting.size >= limits.waiting) {
      return Promise.reject(
        new RpcError('RESOURCE_EXHAUSTED', 'too many look-ups are waiting', { retryDelay_ms: 100 }),
      );
    }
    const look = Promise.withResolvers<V | undefined>();
    waiting.set(key, look);
    if (!running) run();
    return look.promise;
  };
}
