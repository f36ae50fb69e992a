// A client that goes away takes its call with it, through the gateway and the service to the statement that runs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@assent/postgres';
import { eventually, type ServiceProcess, startProcess, testDatabase } from '@assent/testing';
import { expect, test } from '@jest/globals';
import { repository } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-cancel-'));
const endpoints = join(directory, 'endpoints.json');

function start(service: string, environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const file = join(repository, `services/${service}/main.ts`);
  const target = `file://${endpoints}#{service}`;
  return startProcess({ file, environment: { SERVICE_TARGET: target, ...environment }, timeout_ms: 40_000 });
}

function publish(payment: ServiceProcess): void {
  const item = {
    metadata: { name: 'payment-1', labels: { 'kubernetes.io/service-name': 'payment' } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port: payment.port }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  };
  writeFileSync(endpoints, JSON.stringify({ items: [item] }));
}

function httpPort(gateway: ServiceProcess): number {
  const line = gateway
    .output()
    .split('\n')
    .find((text) => text.includes('REST is up'));
  return JSON.parse(line!).port;
}

test('a statement is gone soon after the client of the gateway is', async () => {
  const database = await testDatabase();
  const processes: ServiceProcess[] = [];
  const sql = openDatabase({ url: database.url, name: 'test', size: 1 });
  try {
    const payment = start('payment', { DATABASE_URL: database.url });
    const gateway = start('gateway', { HTTP_PORT: '0' });
    processes.push(...(await Promise.all([payment, gateway])));
    publish(await payment);
    await sql.query(`insert into accounts (account_id, currency) values ('alice', 'EUR')`);
    // From now on reading an account takes until the statement's timeout.
    await sql.query(
      'alter table accounts rename to slow; create view accounts as select a.* from slow a, pg_sleep(60)',
    );
    const running = async () =>
      (
        await sql.query(
          `select from pg_stat_activity
           where datname = current_database() and application_name = 'payment' and state = 'active'
             and query like '%FROM accounts%'`,
        )
      ).rowCount;

    const client = new AbortController();
    const url = `http://127.0.0.1:${httpPort(await gateway)}/v1/accounts/alice`;
    const answer = fetch(url, { signal: client.signal });
    const gone = expect(answer).rejects.toThrow('abort');
    await eventually(async () => expect(await running()).toBe(1));
    const begin_ms = performance.now();
    client.abort();
    await gone;
    await eventually(async () => expect(await running()).toBe(0));
    // Else it would have run for 10 s.
    expect(performance.now() - begin_ms).toBeLessThan(5_000);
  } finally {
    await Promise.all(processes.map(({ stop }) => stop()));
    await sql.close();
    await database.drop();
    rmSync(directory, { recursive: true });
  }
});
