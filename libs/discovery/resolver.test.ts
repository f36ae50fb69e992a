import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CLIENT_ID, SERVICE, SUBSET_SIZE, ZONES } from './attributes.ts';
import { installDiscovery } from './index.ts';
import { startApiServer } from './testing/api-server.ts';
import { startNameServer } from './testing/name-server.ts';
import { until } from './testing/recorder.ts';

const { experimental } = grpc;
const open: { close(): unknown }[] = [];
const logged: string[] = [];

beforeAll(async () => {
  installDiscovery();
  await import('@kubernetes/client-node');
});

beforeEach(() => grpc.setLogger({ error: (message: string) => logged.push(message) }));

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  logged.length = 0;
});

interface Result {
  readonly endpoints: string[] | { failed: string };
  readonly attributes: Record<string, unknown>;
}

/** What grpc-js is told of a target. */
function resolve(target: string, options: object = {}): Result[] {
  const results: Result[] = [];
  const [, scheme, authority, path] = /^([^:]+):\/\/([^/]*)\/(.*)$/.exec(target)!;
  const resolver = experimental.createResolver(
    { scheme: scheme!, authority: authority!, path: path! },
    (list, attributes) => {
      const endpoints = list.ok ? list.value.map(experimental.endpointToString) : { failed: list.error.details };
      return results.push({ endpoints, attributes }) > 0;
    },
    options,
  );
  open.push({ close: () => resolver.destroy() });
  resolver.updateResolution();
  return results;
}

const slice = (...endpoints: { address: string; zone?: string; ready?: boolean }[]) => ({
  metadata: { name: 'a', labels: { 'kubernetes.io/service-name': 'inventory' } },
  addressType: 'IPv4',
  ports: [{ name: 'grpc', port: 1 }],
  endpoints: endpoints.map(({ address, zone, ready = true }) => ({
    addresses: [address],
    zone,
    conditions: { ready },
  })),
});

async function apiServer() {
  const api = await startApiServer();
  open.push(api);
  return api;
}

test('a list is resolved as it stands', async () => {
  const results = resolve('static:///10.0.0.1:1,[::1]:2,inventory:3');
  await until(() => results.length > 0);
  expect(results).toEqual([
    { endpoints: ['[10.0.0.1:1]', '[[::1]:2]', '[inventory:3]'], attributes: { [SERVICE]: '', [ZONES]: new Map() } },
  ]);
});

test('DNS is asked where the target says', async () => {
  const names = await startNameServer();
  open.push(names);
  names.names.set('inventory.test', { a: ['10.0.0.1'] });
  const results = resolve(`assent-dns://${names.address}/inventory.test:50051`);
  await until(() => results.length > 0);
  expect(results[0]?.endpoints).toEqual(['[10.0.0.1:50051]']);
});

test('Kubernetes tells the endpoints, their zones, and whose they are', async () => {
  const api = await apiServer();
  api.put(slice({ address: '10.0.0.1', zone: 'north' }, { address: '10.0.0.2' }));
  const results = resolve('kubernetes:///inventory.shop:grpc');
  await until(() => results.length > 0);
  expect(results[0]).toEqual({
    endpoints: ['[10.0.0.1:1]', '[10.0.0.2:1]'],
    attributes: { [SERVICE]: 'inventory', [ZONES]: new Map([['[10.0.0.1:1]', 'north']]) },
  });
});

test('calls fail while nothing is known, and the log says why, once', async () => {
  const api = await apiServer();
  api.manners.list = { code: 403, message: 'User "shop" cannot list' };
  const results = resolve('kubernetes:///inventory.shop:grpc');
  await until(() => api.asked.length > 1);
  expect(results[0]?.endpoints).toEqual({ failed: expect.stringContaining('a Role must allow') });
  expect(logged).toEqual([expect.stringMatching(/^discovery: list .*User "shop" cannot list/)]);
});

test('that none is ready is logged', async () => {
  const api = await apiServer();
  api.put(slice({ address: '10.0.0.1', ready: false }));
  const results = resolve('kubernetes:///inventory.shop:grpc');
  await until(() => results.length > 0);
  expect(results[0]?.endpoints).toEqual(['[10.0.0.1:1]']);
  expect(logged).toEqual(['discovery: inventory: none of its endpoints is ready; all of them get calls']);
});

test('a channel knows as many endpoints as its options say, always the same', async () => {
  const many = Array.from({ length: 50 }, (_, n) => `10.0.0.${n}:1`);
  const chosen = async (client: string) => {
    const results = resolve(`static:///${many.join()}`, { [SUBSET_SIZE]: 5, [CLIENT_ID]: client });
    await until(() => results.length > 0);
    return results[0]!.endpoints;
  };
  const one = await chosen('gateway-1');
  expect(one).toHaveLength(5);
  expect(await chosen('gateway-1')).toEqual(one);
  expect(await chosen('gateway-2')).not.toEqual(one);
  expect(() => resolve('static:///10.0.0.1:1', { [SUBSET_SIZE]: -1 })).toThrow('assent.subset is -1');
});

test('a resolver that was let go starts anew', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'resolver-'));
  open.push({ close: () => rmSync(directory, { recursive: true }) });
  writeFileSync(join(directory, 'endpoints.json'), JSON.stringify({ items: [slice({ address: '10.0.0.1' })] }));
  const results: unknown[] = [];
  const uri = { scheme: 'file', authority: '', path: `${directory.slice(1)}/endpoints.json#inventory` };
  const resolver = experimental.createResolver(uri, () => results.push(1) > 0, {});
  open.push({ close: () => resolver.destroy() });
  resolver.updateResolution();
  await until(() => results.length === 1);
  resolver.destroy();
  resolver.updateResolution();
  await until(() => results.length === 2);
});

test('calls by a plain address reach a server', async () => {
  const server = new grpc.Server();
  open.push({ close: () => server.forceShutdown() });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const api = await apiServer();
  api.put({ ...slice({ address: '127.0.0.1' }), ports: [{ name: 'grpc', port }] } as never);
  for (const target of [
    `static:///127.0.0.1:${port}`,
    'kubernetes:///inventory.shop',
    `assent-dns:///localhost:${port}`,
  ]) {
    const client = new grpc.Client(target, grpc.credentials.createInsecure());
    open.push(client);
    const status = await new Promise((resolve) => {
      const nothing = () => Buffer.alloc(0);
      client.makeUnaryRequest('/a/b', nothing, nothing, {}, { deadline: Date.now() + 20_000 }, (error) =>
        resolve(error?.code),
      );
    });
    // The server has no such method, and says so.
    expect([target, status]).toEqual([target, grpc.status.UNIMPLEMENTED]);
  }
});
