import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../api.ts';
import { openCustomer } from '../load/customer.ts';
import type { Mode } from '../load/orders.ts';
import { stockShop } from '../load/shop.ts';
import type { Run } from '../run/registry.ts';
import { type ClosedLoop, type Measurement, runClosedLoop } from './closedloop.ts';
import { cpuPerCheckout, cpuTimes } from './cpu.ts';
import { describeMachine } from './machine.ts';
import { type Cell, evaluate, plan, type Sample } from './plan.ts';
import { openPlatform } from './platform.ts';
import { openReference } from './reference.ts';
import { describeSample, toMarkdown } from './report.ts';

export interface BenchOptions {
  /** Of each measurement, in seconds. */
  readonly duration: number;
  readonly rounds: number;
  /** Before all measurements, of each mode, in seconds. */
  readonly warmUp: number;
  readonly clients: readonly number[];
  readonly modes: readonly Mode[];
  readonly replicas: number;
  /** Of a running platform; without it one is started. */
  readonly port?: number;
  /** Where the results go. */
  readonly out: string;
}

/** At the beginning of each measurement, and not measured: until all clients are under way. */
const leadIn_s = 0.5;
const shopSize = { prefix: 'bench', skus: 100, accounts: 1000, quantity: 1_000_000_000 };

type Work = (cell: Cell) => ClosedLoop['work'];

/** Compares the platform with the plain writes. The exit code is 0 when no checkout failed. */
export async function bench(options: BenchOptions): Promise<number> {
  const platform = await openPlatform(options.port, options.replicas);
  const interrupt = () => platform.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const machine = await describeMachine(platform.run);
    const samples = await measure(platform.run, options);
    const results = evaluate(samples);
    const { duration, rounds } = options;
    const report = {
      machine,
      settings: { duration_s: duration, warmUp_s: options.warmUp, rounds, shop: shopSize },
      results,
      samples,
    };
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(report, undefined, 2)}\n`);
    writeFileSync(join(options.out, 'results.md'), toMarkdown(report));
    process.stdout.write(`\n${toMarkdown(report)}`);
    return samples.every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    await platform.stop();
  }
}

async function measure({ http_port, adminUrl = '' }: Run, options: BenchOptions): Promise<Sample[]> {
  const { clients, duration } = options;
  const url = `http://127.0.0.1:${http_port}`;
  const most = Math.max(...clients);
  const shop = await stockShop(openApi(url), shopSize);
  const reference = await openReference(adminUrl, shop, most);
  const customer = openCustomer(url, { connections: most });

  const work: Work = ({ subject, scenario }) => {
    const sku = () => pick(scenario === 'hot' ? shop.skus.slice(0, 1) : shop.skus);
    if (subject === 'reference') return (client) => reference.checkout(client, sku(), pick(shop.accounts));
    return async () => {
      const order = { accountId: pick(shop.accounts), lines: [{ sku: sku(), quantity: 1 }], mode: subject };
      const { type } = (await customer.place(order, randomUUID())).outcome;
      return type === 'unanswered' ? 'failed' : type;
    };
  };
  await warmUp(work, options);
  const samples: Sample[] = [];
  for (const cell of plan(options)) {
    const sample = { ...cell, ...(await measureCell(http_port, cell, duration, work(cell))) };
    samples.push(sample);
    process.stdout.write(`${describeSample(sample)}\n`);
  }
  await Promise.all([reference.close(), customer.close()]);
  return samples;
}

async function measureCell(
  port: number,
  { clients }: Cell,
  duration_s: number,
  work: ClosedLoop['work'],
): Promise<Measurement> {
  let checkouts = 0;
  const counted = async (client: number) => {
    const checkout = await work(client);
    if (checkout === 'confirmed') checkouts++;
    return checkout;
  };
  const before = cpuTimes(port);
  const measured = await runClosedLoop({ clients, warmUp_s: leadIn_s, duration_s, work: counted });
  return { ...measured, cpu_ms: cpuPerCheckout(before, cpuTimes(port), checkouts) };
}

/**
 * Fills caches and lets V8 find out what is hot before anything is measured: with the work spread over so many processes
 * that takes each of them some ten thousand checkouts.
 */
async function warmUp(work: Work, { modes, clients, warmUp }: BenchOptions): Promise<void> {
  const most = Math.max(...clients);
  for (const subject of ['reference', ...modes] as const) {
    process.stdout.write(`warming up: ${subject}, ${warmUp} s\n`);
    const cell = { scenario: 'spread', clients: most, subject } as const;
    await runClosedLoop({ clients: most, warmUp_s: 0, duration_s: warmUp, work: work(cell) });
  }
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}
