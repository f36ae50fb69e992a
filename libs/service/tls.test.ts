// A service whose calls are by mutual TLS, as a process.
import { join } from 'node:path';
import { InventoryService } from '@assent/protos';
import { connect, openTls, type Tls } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase, type ServiceProcess, startProcess } from '@assent/testing';
import { type Authority, createAuthority, type Issued, secretDirectory } from '@assent/testing/certificates';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const identity = 'shop-{service}.test.svc';
const nameOf = (service: string) => identity.replace('{service}', service);
const log = createLogger({ service: 'test', level: 'silent' });

let authority: Authority;
let database: Awaited<ReturnType<typeof openTestDatabase>>;
const open: { close(): unknown }[] = [];
beforeEach(async () => {
  authority = await createAuthority();
  database = await openTestDatabase();
  open.push(database);
});
afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close();
});

async function secret(issued: Partial<Issued>): Promise<string> {
  const directory = await secretDirectory(issued);
  open.push(directory);
  return directory.path;
}

async function start(issued: Partial<Issued>): Promise<ServiceProcess> {
  const file = join(import.meta.dirname, 'testing', 'main.ts');
  const environment = { TLS_DIRECTORY: await secret(issued), TLS_IDENTITY: identity, DATABASE_URL: database.url };
  const process = await startProcess({ file, environment });
  open.push({ close: () => process.stop('SIGKILL') });
  return process;
}

async function tlsOf(service: string): Promise<Tls> {
  const directory = await secret(await authority.issue([nameOf(service)]));
  const tls = await openTls({ directory, identity, service, log });
  open.push(tls);
  return tls;
}

test('is called by those only who may', async () => {
  const { port } = await start(await authority.issue([nameOf('fixture')]));
  const ask = (tls: Tls | undefined) => {
    const target = `127.0.0.1:${port}`;
    const client = connect(InventoryService, { target, tls: tls?.client('fixture'), timeout_ms: 60_000 });
    open.push(client);
    return client.getProduct({ sku: 'a' });
  };
  expect(await ask(await tlsOf('gateway'))).toMatchObject({ product: { sku: 'a' } });
  await expect(ask(await tlsOf('payment'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  await expect(ask(undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('does not start with a certificate that nobody would believe, and touches nothing', async () => {
  await expect(start(await authority.issue([nameOf('fixture')], { to_ms: -1 }))).rejects.toThrow(
    /"msg":"cannot start: [^"]*tls\.crt has expired at [^"]*: renew it"/,
  );
  const { rows } = await database.query("select tablename from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([]);
});
