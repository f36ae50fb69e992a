import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openCluster } from './cluster.ts';
import { openDatabases, serviceOf } from './databases.ts';
import { gatewayUrl } from './gateway.ts';
import { deployments, nodes, pods, secrets, startApiServer } from './testing/api-server.ts';
import { deployment, pod, putDatabases, putGateway } from './testing/release.ts';
import { databaseUrls, readDatabases } from './urls.ts';

const release = { namespace: 'shop', name: 'assent' };
const inside = 'postgres://me:secret@assent-postgres:5432';
const urls = {
  coordinator: `${inside}/transactions`,
  order: 'postgres://me:secret@db.example:6432/orders?sslmode=verify-full',
  inventory: `${inside}/inventory,${inside}/inventory1`,
  payment: 'postgres://me:secret@10.1.2.3/payments',
};
let api: Awaited<ReturnType<typeof startApiServer>>;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  api = await startApiServer();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await api.close();
});

test('databases in the cluster are reached by one forward, others as they are', async () => {
  putDatabases(api, urls);
  const { databases, close } = await openDatabases(await openCluster(), release);
  closing.push(close);
  const forwarded = (name: string) =>
    expect.stringMatching(new RegExp(`^postgres://me:secret@127\\.0\\.0\\.1:\\d+/${name}$`));
  expect(databases).toEqual({
    transactions: forwarded('transactions'),
    orders: urls.order,
    inventory: forwarded('inventory'),
    inventory1: forwarded('inventory1'),
    payments: urls.payment,
  });
  expect(new Set(Object.values(databases).map((url) => new URL(url).port)).size).toBe(3);
});

test('what is missing is said in one line, with what to do about it', async () => {
  const opened = async () => openDatabases(await openCluster(), release);
  api.put(deployments);
  await expect(opened()).rejects.toThrow('there is no release assent in namespace shop; `helm list');
  putDatabases(api, { ...urls, order: '' });
  await expect(opened()).rejects.toThrow('nothing says where the databases of these services are: order');
  putDatabases(api, { ...urls, order: 'orders at secret' });
  await expect(opened()).rejects.toThrow(/^what is given for the databases of order is no postgres:\/\/ URL$/);
  putDatabases(api, { ...urls, order: 'postgres://me@nobody/orders' });
  await expect(opened()).rejects.toThrow('/services/nobody: 404 nobody not found');
  api.refuse(secrets, 403);
  await expect(opened()).rejects.toThrow(/secrets\/assent-databases: 403 you may not read .*; ask for a Role/);
  const before = process.env.KUBECONFIG;
  writeFileSync(before ?? '', JSON.stringify({}));
  await expect(openCluster()).rejects.toThrow('no cluster: there is neither KUBECONFIG');
});

test('an API server that is gone is named', async () => {
  const cluster = await openCluster();
  await api.close();
  await expect(openDatabases(cluster, release)).rejects.toThrow(
    /^no answer from the cluster at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\); `kubectl cluster-info` asks it too$/,
  );
  api = await startApiServer();
});

test.each([
  ['assent-postgres', { namespace: 'shop', name: 'assent-postgres' }],
  ['db.data.svc', { namespace: 'data', name: 'db' }],
  ['db.data.svc.cluster.local', { namespace: 'data', name: 'db' }],
  ['localhost', undefined],
  ['db.example', undefined],
  ['db.svc.example.com', undefined],
  ['10.0.0.1', undefined],
  ['[::1]', undefined],
])('%s is a Service: %j', (host, service) => {
  expect(serviceOf(host, 'shop')).toEqual(service);
});

test('a directory has a file for each service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-databases-'));
  closing.push(() => rmSync(directory, { recursive: true }));
  for (const [service, value] of Object.entries(urls)) writeFileSync(join(directory, service), `${value}\n`);
  // What Kubernetes puts there besides.
  writeFileSync(join(directory, '..data'), '');
  expect(readDatabases(directory)).toEqual(databaseUrls(urls));
  expect(() => readDatabases(`${directory}/x`)).toThrow(/^there is no directory .*\/x with a file for each service$/);
  rmSync(join(directory, 'payment'));
  expect(() => readDatabases(directory)).toThrow('nothing says where the databases of these services are: payment');
});

test('the gateway is where one says, else at a port of a node that answers, else behind a forward', async () => {
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const cluster = await openCluster();
  const find = async (url?: string) => {
    const gateway = await gatewayUrl(cluster, release, url);
    closing.push(gateway.close);
    return gateway;
  };
  putDatabases(api, urls);
  putGateway(api, port);
  expect(await find('https://shop.example')).toMatchObject({ by: 'URL', url: 'https://shop.example' });
  expect(await find()).toMatchObject({ by: 'NODE_PORT', url: `http://127.0.0.1:${port}` });
  putGateway(api, 1);
  api.put(pods, pod('assent-gateway-1', 'gateway', port));
  const forwarded = await find();
  expect(forwarded.by).toBe('PORT_FORWARD');
  expect(await (await fetch(forwarded.url)).text()).toBe('{}');
  api.refuse(nodes, 403);
  expect((await find()).by).toBe('PORT_FORWARD');
  api.put(deployments, deployment('gateway', [{ name: 'edge-tls', secret: { secretName: 'edge' } }]));
  await expect(find()).rejects.toThrow('the gateway speaks https: name its address by --url');
});
