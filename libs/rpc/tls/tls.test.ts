import { InventoryService } from '@assent/protos';
import { createLogger } from '@assent/telemetry';
import { type Authority, createAuthority, type Issued, secretDirectory } from '@assent/testing/certificates';
import { beforeAll, expect, test } from '@jest/globals';
import { connect } from '../client.ts';
import { fixtures } from '../testing/fixtures.ts';
import { openTls, type Tls } from './tls.ts';

const { open, fixture } = fixtures();
const log = createLogger({ service: 'test', level: 'silent' });
const identity = 'shop-{service}.test.svc';

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

const nameOf = (service: string) => identity.replace('{service}', service);

async function tlsOf(service: string, issued?: Partial<Issued>): Promise<Tls> {
  const directory = await secretDirectory(issued ?? (await authority.issue([nameOf(service)])));
  open.push(directory);
  const tls = await openTls({ directory: directory.path, identity, service, log, reload_ms: 50 });
  open.push(tls);
  return tls;
}

async function inventory() {
  const { server } = await tlsOf('inventory');
  return fixture({ getProduct: async ({ sku }) => ({ product: { sku } }) }, { tls: server });
}

function call(target: string, tls: Tls, service = 'inventory') {
  const client = connect(InventoryService, { target, tls: tls.client(service), timeout_ms: 3_000 });
  open.push(client);
  return client.getProduct({ sku: 'tea' });
}

test('services call each other by their certificates', async () => {
  const { target } = await inventory();
  await expect(call(target, await tlsOf('gateway'))).resolves.toMatchObject({ product: { sku: 'tea' } });
});
