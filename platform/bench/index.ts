import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../api.ts';
import { openCustomer } from '../load/customer.ts';
import type { Mode } from '../load/orders.ts';
import { stockShop } from '../load/shop.ts';
import type { Run } from '../run/registry.ts';
import { type ClosedLoop, runClosedLoop } from './closedloop.ts';
import { describeMachine } from './machine.ts';
import { type Cell, evaluate, plan, type Sample } from './plan.ts';
import { openPlatform } from './platform.ts';
import { openReference } from './reference.ts';
import { describeSample, toMarkdown } from './report.ts';

export interface BenchOptions {
  /** Of each measurement, in seconds. */
  readonly duration: number;
  readonly rounds: number;
  readonly clients: readonly number[];
  readonly modes: readonly Mode[];
  readonly replicas: number;
  /** Of a running platform; without it one is started. */
  readonly port?: number;
  /** Where the results go. */
  readonly out: string;
}

const ownPort = 18_080;
const warmUp_s = 0.5;
const shopSize = { prefix: 'bench', skus: 100, accounts: 1000, quantity: 1_000_000_000 };

type Work = (cell: Cell) => ClosedLoop['work'];

/** Compares the platform with the plain writes. The exit code is 0 when no checkout failed. */
export async function bench(options: BenchOptions): Promise<number> {
  const platform = await openPlatform(options.port, ownPort, options.replicas);
  const interrupt = () => platform.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const machine = await describeMachine(platform.run);
    const samples = await measure(platform.run, options);
    const results = evaluate(samples);
    const { duration, rounds } = options;
    const report = { machine, settings: { duration_s: duration, warmUp_s, rounds, shop: shopSize }, results, samples };
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
  const { clients, duration, modes } = options;
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
  await warmUp(work, modes, most);
  const samples: Sample[] = [];
  for (const cell of plan(options)) {
    const measured = await runClosedLoop({ clients: cell.clients, warmUp_s, duration_s: duration, work: work(cell) });
    samples.push({ ...cell, ...measured });
    process.stdout.write(`${describeSample({ ...cell, ...measured })}\n`);
  }
  await Promise.all([reference.close(), customer.close()]);
  return samples;
}

/** Code is compiled and caches are filled before anything is measured. */
async function warmUp(work: Work, modes: readonly Mode[], clients: number): Promise<void> {
  for (const subject of ['reference', ...modes] as const) {
    const cell = { scenario: 'spread', clients, subject } as const;
    await runClosedLoop({ clients, warmUp_s: 0, duration_s: 3, work: work(cell) });
  }
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}
