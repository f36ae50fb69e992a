// Batches without a timer: a lane works on what arrived while it was working.

export interface LaneOptions<Item, Result> {
  /** Items in one batch at most. */
  readonly batchSize: number;
  /** Items that wait at most. */
  readonly queueSize: number;
  /** Batches that run at a time. */
  readonly concurrency: number;
  /** Does a batch and settles each of its items, by place, as soon as its result is known. Never throws. */
  readonly work: (items: readonly Item[], settle: (index: number, result: Result) => void) => Promise<void>;
}

export interface Lane<Item, Result> {
  /** The item's result; undefined when the lane is full. */
  submit(item: Item): Promise<Result> | undefined;
  /** How many items wait for their batch. */
  waiting(): number;
}

export function createLane<Item, Result>(options: LaneOptions<Item, Result>): Lane<Item, Result> {
  const { batchSize, queueSize, concurrency, work } = options;
  const queue: { readonly item: Item; readonly resolve: (result: Result) => void }[] = [];
  let running = 0;
  let starting = false;

  function start(): void {
    starting = false;
    while (running < concurrency && queue.length > 0) void run(queue.splice(0, batchSize));
  }

  async function run(batch: typeof queue): Promise<void> {
    running++;
    await work(
      batch.map(({ item }) => item),
      (index, result) => batch[index]?.resolve(result),
    );
    running--;
    start();
  }

  return {
    submit(item) {
      if (queue.length >= queueSize) return undefined;
      const { promise, resolve } = Promise.withResolvers<Result>();
      queue.push({ item, resolve });
      // Not at once: the other calls of the same request are about to be submitted too.
      if (!starting && running < concurrency) {
        starting = true;
        queueMicrotask(start);
      }
      return promise;
    },
    waiting: () => queue.length,
  };
}
