// Real certificates and sockets.
import { once } from 'node:events';
import { createServer as createHttps, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CoordinatorService, InventoryService, OrderService } from '@assent/protos';
import type { Logger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import {
  type Authority,
  createAuthority,
  type Issued,
  type IssueOptions,
  type SecretDirectory,
  secretDirectory,
} from '@assent/testing/certificates';
import { credentials } from '@grpc/grpc-js';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '../client.ts';
import { implement, serve } from '../server.ts';
import { fixtures } from '../testing/fixtures.ts';
import { openEdgeTls, openTls, type Tls } from './tls.ts';

const { open, fixture } = fixtures();
const identity = 'shop-{service}.test.svc';
const nameOf = (service: string) => identity.replace('{service}', service);

let logged: string[] = [];
const entry = (_about: object, text: string) => logged.push(text);
const log = { info: entry, warn: entry, error: entry } as unknown as Logger;
beforeEach(() => {
  logged = [];
});

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

async function secret(issued: Partial<Issued>): Promise<SecretDirectory> {
  const directory = await secretDirectory(issued);
  open.push(directory);
  return directory;
}

async function tlsAt({ path: directory }: SecretDirectory, service: string): Promise<Tls> {
  const tls = await openTls({ directory, identity, service, log, reload_ms: 20 });
  open.push(tls);
  return tls;
}

const issue = (service: string, options?: IssueOptions) => authority.issue([nameOf(service)], options);
const tlsOf = async (service: string) => tlsAt(await secret(await issue(service)), service);

/** An inventory, and with which certificate it was called. */
async function startInventory(tls?: Tls) {
  const { server } = tls ?? (await tlsOf('inventory'));
  return fixture({ getProduct: async ({ sku }) => ({ product: { sku } }) }, { tls: server, log });
}

interface Asking {
  /** Whom the certificate is demanded of. */
  readonly service?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Over a connection of its own. */
async function ask(
  target: string,
  tls: Pick<Tls, 'client'> | undefined,
  { service = 'inventory', metadata = {} }: Asking = {},
) {
  const client = connect(InventoryService, {
    target,
    tls: tls?.client(service),
    timeout_ms: 60_000,
    serviceConfig: { methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 1 } }] },
  });
  try {
    const { product } = await client.getProduct({ sku: 'tea' }, { metadata });
    return product?.sku;
  } finally {
    client.close();
  }
}

describe('between services', () => {
  test('both are known by their certificates', async () => {
    const { target } = await startInventory();
    expect(await ask(target, await tlsOf('gateway'))).toBe('tea');
  });

  test('a server with the certificate of another service is not believed', async () => {
    const { target } = await startInventory();
    const gateway = await tlsOf('gateway');
    await expect(ask(target, gateway, { service: 'payment' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('a server of another authority is not believed', async () => {
    const { target } = await startInventory();
    const stranger = await createAuthority();
    const gateway = await tlsAt(await secret(await stranger.issue([nameOf('gateway')])), 'gateway');
    await expect(ask(target, gateway)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('who has no certificate of the authority does not get in', async () => {
    const { target } = await startInventory();
    await expect(ask(target, undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // It knows the authority, but the authority doesn't know it.
    const forged = { ...(await (await createAuthority()).issue([nameOf('gateway')])), ca: authority.cert };
    const [ca, key, cert] = [forged.ca, forged.key, forged.cert].map((pem) => Buffer.from(pem));
    const tls = { credentials: credentials.createSsl(ca, key, cert), name: nameOf('inventory') };
    const client = connect(InventoryService, { target, tls, timeout_ms: 60_000 });
    open.push(client);
    await expect(client.getProduct({ sku: 'tea' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await eventually(() => expect(logged).toContain('a connection was refused: is it a service?'));
  });
});

describe('who may call what', () => {
  test('a service that has no business there is refused, and it is logged once', async () => {
    const { target } = await startInventory();
    const payment = await tlsOf('payment');
    const reason = 'payment may not call assent.inventory.v1.InventoryService/GetProduct';
    const refusal = { code: 'PERMISSION_DENIED', reason: 'NOT_FOR_CALLER', message: expect.stringContaining(reason) };
    for (let times = 0; times < 3; times++) await expect(ask(target, payment)).rejects.toMatchObject(refusal);
    expect(logged.filter((text) => text === `a call was refused: ${reason}`)).toHaveLength(1);
    expect(await ask(target, await tlsOf('order'))).toBe('tea');
  });

  test('so is a certificate for another name, however it is spelled', async () => {
    const { target } = await startInventory();
    const refused = { code: 'PERMISSION_DENIED' };
    for (const name of ['*.test.svc', 'shop-gateway.other.svc', `x, DNS:${nameOf('gateway')}, y`]) {
      const names = [name, nameOf('stranger')];
      const tls = await tlsAt(await secret(await authority.issue(names)), 'stranger');
      await expect(ask(target, tls)).rejects.toMatchObject(refused);
    }
  });

  test('operators are believed from the gateway alone', async () => {
    const { target } = await startInventory();
    const metadata = { 'assent-operator': 'mallory' };
    expect(await ask(target, await tlsOf('gateway'), { metadata })).toBe('tea');
    const refused = {
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('order may not send assent-operator'),
    };
    await expect(ask(target, await tlsOf('order'), { metadata })).rejects.toMatchObject(refused);
  });

  test('streams too', async () => {
    const order = await tlsOf('order');
    const services = [
      implement(OrderService, { async *watchOrder() {} } as never),
      implement(CoordinatorService, { async *runTransactions() {} } as never),
    ];
    const server = await serve({ host: '127.0.0.1', port: 0, services, log, tls: order.server });
    open.push(server);
    const target = `127.0.0.1:${server.port}`;
    const read = async (stream: AsyncIterable<unknown>) => {
      for await (const _ of stream);
      return 'read';
    };
    const watch = (tls: Tls) => {
      const client = connect(OrderService, { target, tls: tls.client('order'), timeout_ms: 60_000 });
      open.push(client);
      return read(client.watchOrder({ orderId: '1' }));
    };
    expect(await watch(await tlsOf('gateway'))).toBe('read');
    await expect(watch(await tlsOf('inventory'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('health is for all who have a certificate', async () => {
    const { target } = await startInventory();
    const asBytes = (bytes: Buffer) => bytes;
    const check = {
      path: '/grpc.health.v1.Health/Check',
      requestStream: false,
      responseStream: false,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
      options: {},
    };
    const tls = (await tlsOf('payment')).client('inventory');
    const service = { name: 'grpc.health.v1.Health', definition: { Check: check } } as never;
    const client = connect(service, { target, tls }) as { check(request: Buffer): Promise<Buffer>; close(): void };
    open.push(client);
    expect([...(await client.check(Buffer.alloc(0)))]).toEqual([0x08, 0x02]);
  });
});

describe('new certificates', () => {
  test('are used by new connections, at both ends, also of another authority', async () => {
    const served = await secret(await issue('inventory'));
    const { target } = await startInventory(await tlsAt(served, 'inventory'));
    const own = await secret(await issue('gateway'));
    const gateway = await tlsAt(own, 'gateway');
    expect(await ask(target, gateway)).toBe('tea');

    const next = await createAuthority('next authority');
    const both = `${authority.cert}\n${next.cert}`;
    const renewed = async (service: string, from: Authority, ca: string) => ({
      ...(await from.issue([nameOf(service)])),
      ca,
    });
    const arrived = (times: number) =>
      eventually(() => expect(logged.filter((text) => text === 'there are new certificates')).toHaveLength(times));
    // Both are believed; then one end after the other has a certificate of the new one; then the old one goes.
    await served.replace(await renewed('inventory', authority, both));
    await own.replace(await renewed('gateway', authority, both));
    await arrived(2);
    expect(await ask(target, gateway)).toBe('tea');
    await served.replace(await renewed('inventory', next, both));
    await arrived(3);
    expect(await ask(target, gateway)).toBe('tea');
    await own.replace(await renewed('gateway', next, next.cert));
    await served.replace(await renewed('inventory', next, next.cert));
    await arrived(5);
    expect(await ask(target, gateway)).toBe('tea');
    await expect(ask(target, await tlsOf('gateway'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('that nobody would believe leave those from before in use', async () => {
    const served = await secret(await issue('inventory'));
    const { target } = await startInventory(await tlsAt(served, 'inventory'));
    const gateway = await tlsOf('gateway');
    const good = await issue('inventory');
    const { key } = await issue('inventory');
    const expired = await issue('inventory', { to_ms: -1_000 });
    for (const [bad, says] of [
      [{ ...good, key }, "isn't the certificate of the tls.key beside it"],
      [expired, 'has expired'],
      [{ cert: good.cert, key: good.key }, "ca.crt can't be read"],
    ] as const) {
      await served.replace(bad);
      const warned = expect.stringMatching(`the certificates from before stay in use: .*${says}`);
      await eventually(() => expect(logged).toContainEqual(warned));
      expect(await ask(target, gateway)).toBe('tea');
    }
    await served.replace(good);
    await eventually(() => expect(logged).toContain('there are new certificates'));
  });
});

test('the way in shows a certificate, and asks for none; it takes new ones too', async () => {
  const served = await secret(await issue('gateway'));
  const tls = await openEdgeTls({ directory: served.path, log, reload_ms: 20 });
  open.push(tls);
  const { target } = await fixture({ getProduct: async () => ({ product: { sku: 'tea' } }) }, { tls: tls.server, log });
  const https = createHttps(tls.https, (_request, response) => response.end('tea')).listen(0, '127.0.0.1');
  open.push({ close: () => https.close() });
  tls.renew(https);
  await once(https, 'listening');
  const { port } = https.address() as AddressInfo;
  const rest = async (ca: string) => {
    const response = get({ host: '127.0.0.1', port, ca, servername: nameOf('gateway'), agent: false });
    const [answer] = await once(response, 'response');
    return text(answer);
  };
  const grpc = (ca: string) => {
    const client = { credentials: credentials.createSsl(Buffer.from(ca)), name: nameOf('gateway') };
    return ask(target, { client: () => client });
  };
  expect([await rest(authority.cert), await grpc(authority.cert)]).toEqual(['tea', 'tea']);
  const next = await createAuthority('next authority');
  await served.replace(await next.issue([nameOf('gateway')]));
  await eventually(() => expect(logged).toContain('there are new certificates'));
  expect([await rest(next.cert), await grpc(next.cert)]).toEqual(['tea', 'tea']);
  await expect(rest(authority.cert)).rejects.toThrow('unable to verify the first certificate');
});

describe('certificates at the start', () => {
  const day_ms = 86_400_000;

  async function failure(change: (good: Issued) => Partial<Issued> | Promise<Partial<Issued>>): Promise<string> {
    const directory = await secret(await change(await issue('order')));
    const error = await tlsAt(directory, 'order').then(
      () => new Error('they are good'),
      (thrown: Error) => thrown,
    );
    return error.message.replaceAll(directory.path, '/tls');
  }

  test.each<[string, Parameters<typeof failure>[0], RegExp]>([
    ['missing', ({ cert, ca }) => ({ cert, ca }), /^\/tls\/tls\.key can't be read \(ENOENT\): .* must be there$/],
    ['empty', (good) => ({ ...good, cert: '' }), /^\/tls\/tls\.crt has no certificate in PEM$/],
    ['no authority', (good) => ({ ...good, ca: 'x' }), /^\/tls\/ca\.crt has no certificate in PEM$/],
    ['no key', (good) => ({ ...good, key: good.cert }), /^\/tls\/tls\.key has no private key in PEM/],
    ['of two', async ({ cert }) => ({ ...(await issue('order')), cert }), /isn't the certificate of the tls\.key/],
    ['expired', () => issue('order', { to_ms: -1_000 }), /^\/tls\/tls\.crt has expired at .*Z: renew it$/],
    ['of tomorrow', () => issue('order', { from_ms: day_ms }), /is not valid before .*Z: is the clock right\?$/],
    ['of another', () => issue('payment'), /is for DNS:shop-payment\.test\.svc, but must be for DNS:shop-order\.test/],
    ['no client', () => issue('order', { usages: ['server'] }), /wouldn't be believed by .*INVALID_PURPOSE/],
    ['no server', () => issue('order', { usages: ['client'] }), /wouldn't be believed by .*purpose/],
    [
      'strange',
      async (good) => ({ ...good, ca: (await createAuthority()).cert }),
      /^\/tls\/tls\.crt wouldn't be believed by who has the ca\.crt beside it: /,
    ],
  ])('%s: says what to do', async (_, change, says) => {
    expect(await failure(change)).toMatch(says);
  });

  test('that are soon to expire are warned of', async () => {
    await tlsAt(await secret(await issue('order', { from_ms: -90 * day_ms, to_ms: 10 * day_ms })), 'order');
    expect(logged).toContainEqual(expect.stringMatching(/^the certificate expires at .*Z: renew it$/));
  });
});
