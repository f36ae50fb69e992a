import { randomUUID } from 'node:crypto';
import { openApi } from '../api.ts';
import { openHistory } from '../history/write.ts';
import { restUrl, type Where } from '../run/where.ts';
import { openCustomer } from './customer.ts';
import { type Mix, plain, varied } from './mix.ts';
import { runOpenLoop } from './openloop.ts';
import { type Mode, mostOfEach } from './orders.ts';
import { showProgress } from './progress.ts';
import { recordApi } from './recorded.ts';
import { describeReport } from './report.ts';
import { scarceShop } from './scarce.ts';
import { stockShop } from './shop.ts';
import { createTally } from './tally.ts';
import { visits } from './visit.ts';

export interface LoadOptions extends Where {
  /** Orders per second. */
  readonly rate: number;
  /** In seconds. */
  readonly duration: number;
  readonly mode: Mode | 'mixed';
  readonly json: boolean;
  /** How often an order is sent again under its key before it counts as failed; as often as it takes, for a minute. */
  readonly retries?: number;
  /** A file to write all operations to. */
  readonly history?: string;
  /** What its products and accounts are called. */
  readonly shop?: string;
  readonly cancelShare?: number;
  readonly readShare?: number;
  readonly replayShare?: number;
  readonly rejectShare?: number;
  readonly hotShare?: number;
}

/** More wait in line, and their latency counts from when they should have been sent. */
const maxInFlight = 1024;
const mostInStock = 1_000_000_000;

/** Places orders at a steady rate and tells what became of them. The exit code is 0 when each was confirmed or rejected. */
export async function load(options: LoadOptions): Promise<number> {
  const { rate, duration, mode, json } = options;
  const { visit, close } = await openShop(restUrl(options), options);
  const tally = createTally();
  const work = (scheduled_ms: number) => visit((placed) => tally.add(placed, performance.now() - scheduled_ms));
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const stopProgress = showProgress(tally, duration);
  const begun_ms = performance.now();
  await runOpenLoop({ rate, duration_s: duration, maxInFlight, signal: interrupted.signal, work });
  stopProgress();
  await close();
  const report = { mode, rate, seconds: (performance.now() - begun_ms) / 1000, ...tally.summary() };
  process.stdout.write(`${json ? JSON.stringify(report) : describeReport(report)}\n`);
  return report.unanswered + report.failed === 0 ? 0 : 1;
}

/** Stocks a shop, and says how to visit it. A history is complete when it is closed. */
async function openShop(url: string, options: LoadOptions) {
  const { rate, duration, mode, history: path, shop: name = path === undefined ? 'load' : newName() } = options;
  const history = path === undefined ? undefined : openHistory(path, name);
  const api = history ? recordApi(openApi(url), history) : openApi(url);
  const quantity = Math.min(mostInStock, Math.ceil(rate * duration * mostOfEach));
  const shop = await stockShop(api, { prefix: name, skus: 100, accounts: 200, quantity });
  const scarce = scarceShop(api, name);
  const mix = mixOf(options);
  if (mix.reject + mix.read > 0) await scarce.open();
  const { retries } = options;
  const customer = openCustomer(url, { connections: maxInFlight, ...(retries !== undefined && { retries }) });
  return {
    visit: visits({ customer, history, shop, scarce, mode, mix }),
    async close() {
      await customer.close();
      history?.close();
    },
  };
}

/** The products and accounts of a history are only touched by it. */
function newName(): string {
  return `h${randomUUID().slice(0, 8)}`;
}

function mixOf(options: LoadOptions): Mix {
  const usual = options.history === undefined ? plain : varied;
  return {
    cancel: options.cancelShare ?? usual.cancel,
    read: options.readShare ?? usual.read,
    replay: options.replayShare ?? usual.replay,
    reject: options.rejectShare ?? usual.reject,
    hot: options.hotShare ?? usual.hot,
  };
}
