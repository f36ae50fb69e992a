// Batches without a delay: while the other side is busy with a batch, what is to be sent to it collects and makes up the
// next one. What finds it idle is sent with whatever comes in the same turn of the event loop. A batch costs hardly more
// than a single call.

export interface CollectorOptions<Item> {
  /** Items in one batch at most. */
  readonly batchSize: number;
  /**
   * Batches under way at most. Reached when the other side hangs: it holds up its own items, and nobody else's.
   */
  readonly batches: number;
  /** Sends a batch, and settles each of its items; calls `heard` when the other side first says something. Never throws. */
  readonly send: (items: readonly Item[], heard: () => void) => Promise<void>;
}

/** A batch that nothing is heard of for longer waits for something, a lock perhaps: the next needn't wait with it. */
const patience_ms = 50;

/** Returns how to add an item. Who adds must bound how many wait. */
export function createCollector<Item>({ batchSize, batches, send }: CollectorOptions<Item>): (item: Item) => void {
  const queue: Item[] = [];
  let underWay = 0;
  /** A batch of which nothing has been heard yet. */
  let silent = false;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || silent || queue.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (!silent && underWay < batches && queue.length > 0) void run(queue.splice(0, batchSize));
    });
  }

  async function run(items: readonly Item[]): Promise<void> {
    underWay++;
    silent = true;
    let isFirst = true;
    const heard = () => {
      if (!isFirst) return;
      isFirst = false;
      clearTimeout(timer);
      silent = false;
      schedule();
    };
    const timer = setTimeout(heard, patience_ms);
    await send(items, heard);
    underWay--;
    heard();
    schedule();
  }

  return (item) => {
    queue.push(item);
    schedule();
  };
}
