import { RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { isFinal, type Order } from './order.ts';

export interface WatcherOptions {
  /** Reads those of the orders that have another status by now. */
  readonly changed: (orders: readonly Order[]) => Promise<readonly Order[]>;
  readonly every_ms: number;
  /** How many may watch at a time. */
  readonly limit: number;
  readonly log: Logger;
}

export interface Watcher {
  /** The order, then again whenever its status has changed, until that is final or the signal aborts. */
  watch(order: Order, signal: AbortSignal): AsyncIterable<Order>;
  /** Ends all watching. */
  close(): void;
}

/** An order that is watched, by however many. */
interface Watched {
  order: Order;
  watchers: number;
  /** Settles when `order` has been replaced. */
  change: PromiseWithResolvers<void>;
}

/**
 * Watches orders with one query for all of them, and none while nobody watches. (NOTIFY would put all commits of the
 * database in one queue.)
 */
export function createWatcher({ changed, every_ms, limit, log }: WatcherOptions): Watcher {
  const watched = new Map<string, Watched>();
  const closing = new AbortController();
  let watchers = 0;
  let polling = false;

  async function poll(): Promise<void> {
    polling = true;
    while (watched.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, every_ms));
      const orders = [...watched.values()].map(({ order }) => order);
      if (orders.length === 0) break;
      try {
        for (const order of await changed(orders)) replace(order);
      } catch (error) {
        log.warn({ err: error }, 'watched orders cannot be read, trying again');
      }
    }
    polling = false;
  }

  function replace(order: Order): void {
    const entry = watched.get(order.orderId);
    // What a poll brings may be older than what a new watcher brought.
    if (!entry || entry.order.status === order.status || entry.order.updatedAt > order.updatedAt) return;
    entry.order = order;
    entry.change.resolve();
    entry.change = Promise.withResolvers();
  }

  function enter(order: Order): Watched {
    const entry = watched.get(order.orderId) ?? { order, watchers: 0, change: Promise.withResolvers() };
    watched.set(order.orderId, entry);
    replace(order);
    entry.watchers++;
    watchers++;
    if (!polling) poll();
    return entry;
  }

  function leave(entry: Watched): void {
    watchers--;
    if (--entry.watchers === 0) watched.delete(entry.order.orderId);
  }

  async function* watch(order: Order, signal: AbortSignal): AsyncIterable<Order> {
    if (watchers >= limit) {
      throw new RpcError('RESOURCE_EXHAUSTED', 'too many orders are being watched', {
        reason: 'TOO_MANY_WATCHERS',
        retryDelay_ms: 1000,
      });
    }
    const entry = enter(order);
    const aborted = abortion(AbortSignal.any([signal, closing.signal]));
    try {
      let shown = entry.order;
      yield shown;
      while (!isFinal(shown.status) && !signal.aborted) {
        if (closing.signal.aborted) throw new RpcError('UNAVAILABLE', 'this replica is going away, watch again');
        if (entry.order === shown) await Promise.race([entry.change.promise, aborted]);
        if (entry.order === shown) continue;
        shown = entry.order;
        yield shown;
      }
    } finally {
      leave(entry);
    }
  }

  return { watch, close: () => closing.abort() };
}

function abortion(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
