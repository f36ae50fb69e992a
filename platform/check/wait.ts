import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const period_ms = 200;

/** Waits until no transaction is open, or until so many seconds have passed. */
export async function awaitQuiet(databases: Readonly<Record<string, string>>, wait_s: number): Promise<void> {
  if (wait_s === 0) return;
  const client = new pg.Client({ connectionString: databases.transactions, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  await client.connect();
  const end_ms = performance.now() + wait_s * 1000;
  while (performance.now() < end_ms) {
    const { rowCount } = await client.query('SELECT FROM transactions WHERE ended_at IS NULL LIMIT 1');
    if (rowCount === 0) break;
    await sleep(period_ms);
  }
  await client.end();
}
