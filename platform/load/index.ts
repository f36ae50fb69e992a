import { randomUUID } from 'node:crypto';
import { openApi } from '../api.ts';
import { findRun } from '../run/find.ts';
import { openCustomer } from './customer.ts';
import { runOpenLoop } from './openloop.ts';
import { type Mode, mostOfEach, randomOrder } from './orders.ts';
import { showProgress } from './progress.ts';
import { describeReport } from './report.ts';
import { stockShop } from './shop.ts';
import { createTally } from './tally.ts';

export interface LoadOptions {
  /** Orders per second. */
  readonly rate: number;
  /** In seconds. */
  readonly duration: number;
  readonly mode: Mode | 'mixed';
  readonly json: boolean;
  /** Of the platform, when several are running. */
  readonly port?: number;
}

/** More wait in line, and their latency counts from when they should have been sent. */
const maxInFlight = 1024;
const mostInStock = 1_000_000_000;

/** Places orders at a steady rate and tells what became of them. The exit code is 0 when each was confirmed or rejected. */
export async function load({ rate, duration, mode, json, port }: LoadOptions): Promise<number> {
  const url = `http://127.0.0.1:${findRun(port).http_port}`;
  const quantity = Math.min(mostInStock, Math.ceil(rate * duration * mostOfEach));
  const shop = await stockShop(openApi(url), { prefix: 'load', skus: 100, accounts: 200, quantity });
  const customer = openCustomer(url, { connections: maxInFlight });
  const tally = createTally();
  const work = async (scheduled_ms: number) => {
    const placed = await customer.place(randomOrder(shop, mode), randomUUID());
    tally.add(placed, performance.now() - scheduled_ms);
  };
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const stopProgress = showProgress(tally, duration);
  const begun_ms = performance.now();
  await runOpenLoop({ rate, duration_s: duration, maxInFlight, signal: interrupted.signal, work });
  stopProgress();
  await customer.close();
  const report = { mode, rate, seconds: (performance.now() - begun_ms) / 1000, ...tally.summary() };
  process.stdout.write(`${json ? JSON.stringify(report) : describeReport(report)}\n`);
  return report.unanswered + report.failed === 0 ? 0 : 1;
}
