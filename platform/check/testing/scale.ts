// Measures what checking a large shop costs.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '@assent/postgres';
import { createDatabaseAndRole, type EmbeddedPostgres, startPostgres } from '@assent/postgres/embedded';
import { serverTime_ms } from '../../bench/cpu.ts';
import { withClient } from '../client.ts';
import { judgeAll } from '../judge.ts';
import { describeVerdict } from '../report.ts';
import { databaseNames } from '../sources.ts';
import { schemas } from './fill.ts';
import { fillLarge, writeLarge } from './large.ts';

const help = `Usage: node platform/check/testing/scale.ts [options]

Fills the databases of a shop with many orders, of two lines each, checks them, and tells what that took of the processor and of memory.

  --orders N    (200000)
  --history     check a history of them too
  --help
`;

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '200000' },
    history: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(help);
else await main(Number(values.orders));

async function main(orders: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-scale-'));
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory, maxConnections: 20, maxPreparedTransactions: 0, durable: false });
  try {
    const sources = await fill(postgres, orders);
    const history = values.history ? [join(directory, 'history.jsonl')] : [];
    for (const path of history) await writeLarge(orders, path);
    const [before, own, begun_ms] = [serverTime_ms(postgres.pid), process.cpuUsage(), performance.now()];
    const { verdict, look } = await judgeAll({ history, sources, settled_s: 0 });
    const took_s = (performance.now() - begun_ms) / 1000;
    const { user, system } = process.cpuUsage(own);
    process.stdout.write(`${describeVerdict(verdict, look)}\n\n`);
    const figures = {
      orders,
      elapsed_s: took_s,
      postgres_s: (serverTime_ms(postgres.pid) - before) / 1000,
      checker_s: (user + system) / 1e6,
      checker_MiB: process.resourceUsage().maxRSS / 1024,
    };
    for (const [name, value] of Object.entries(figures))
      process.stdout.write(`${name.padEnd(12)}${value.toFixed(0).padStart(10)}\n`);
    if (!verdict.passed) process.exitCode = 1;
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fill({ adminUrl }: EmbeddedPostgres, orders: number): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  const statements = fillLarge(orders);
  for (const name of databaseNames) {
    const url = await createDatabaseAndRole(adminUrl, { database: name, role: name, password: 'scale' });
    await migrate(url, schemas[name]);
    await withClient(url, async (client) => {
      for (const text of [...statements[name], 'DROP TABLE numbered', 'VACUUM ANALYZE']) await client.query(text);
    });
    urls[name] = url;
  }
  return urls;
}
