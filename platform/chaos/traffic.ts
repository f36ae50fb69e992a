import { randomUUID } from 'node:crypto';
import { openApi } from '../api.ts';
import { openHistory } from '../history/write.ts';
import { openCustomer } from '../load/customer.ts';
import { varied } from '../load/mix.ts';
import { runOpenLoop } from '../load/openloop.ts';
import { type Mode, mostOfEach } from '../load/orders.ts';
import { recordApi } from '../load/recorded.ts';
import { scarceShop } from '../load/scarce.ts';
import { stockShop } from '../load/shop.ts';
import { createTally, type Tally } from '../load/tally.ts';
import { visits } from '../load/visit.ts';
import { seeded } from '../random.ts';
import type { Order } from './timeline.ts';

export interface TrafficOptions {
  readonly url: string;
  /** Orders per second. */
  readonly rate: number;
  readonly mode: Mode | 'mixed';
  readonly seed: number;
  /** How often an order is sent again; as many times as it takes for a minute. */
  readonly retries?: number;
  /** An upper limit; it ends when it is stopped. */
  readonly duration_s: number;
  /** The file that gets all operations. */
  readonly history: string;
}

/** What `load` does, with an eye on each order. */
export interface Traffic {
  /** When it began, as performance.now() has it. */
  readonly begun_ms: number;
  readonly orders: readonly Order[];
  readonly misses_ms: readonly number[];
  readonly tally: Tally;
  /** No more orders; fulfilled when all have been answered, or it was waited for long enough. Twice is once. */
  stop(): Promise<void>;
}

const maxInFlight = 1024;

/** Stocks a shop and begins to place orders in it. */
export async function openTraffic(options: TrafficOptions): Promise<Traffic> {
  const { url, rate, mode, seed, retries, duration_s } = options;
  // No other run's, so that its history is all that ever happened to it.
  const prefix = `c${randomUUID().slice(0, 8)}`;
  const history = openHistory(options.history, prefix);
  const api = recordApi(openApi(url), history);
  const quantity = Math.ceil(rate * duration_s * mostOfEach);
  const shop = await stockShop(api, { prefix, skus: 100, accounts: 200, quantity });
  const scarce = scarceShop(api, prefix);
  await scarce.open();

  const begun_ms = performance.now();
  const now_ms = () => performance.now() - begun_ms;
  const orders: Order[] = [];
  const misses_ms: number[] = [];
  const tally = createTally();
  const customer = openCustomer(url, {
    connections: maxInFlight,
    ...(retries !== undefined && { retries }),
    onMiss: () => misses_ms.push(now_ms()),
  });
  const visit = visits({ customer, history, shop, scarce, mode, mix: varied, random: seeded(seed) });
  const work = (scheduled_ms: number) => {
    const order: Order = { scheduled_ms: scheduled_ms - begun_ms };
    orders.push(order);
    return visit((placed) => {
      order.answered_ms = now_ms();
      order.outcome = placed.outcome.type;
      tally.add(placed, performance.now() - scheduled_ms);
    });
  };
  const over = new AbortController();
  const loop = runOpenLoop({ rate, duration_s, maxInFlight, signal: over.signal, work });
  // Who stops it hears of a failure.
  loop.catch(() => {});
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    over.abort();
    await loop.finally(() => customer.close());
    history.close();
  };
  return {
    begun_ms,
    orders,
    misses_ms,
    tally,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
