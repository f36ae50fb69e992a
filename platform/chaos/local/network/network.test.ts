import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@assent/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Network, openNetwork } from './network.ts';

const callers = ['order-1', 'order-2', 'coordinator-1', 'inventory-1'];
let directory: string;
let server: Server;
let network: Network;
let target: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-network-'));
  server = createServer((socket) => socket.on('error', () => {}).end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  target = (server.address() as AddressInfo).port;
  network = openNetwork(directory, callers);
});
afterEach(() => {
  network.close();
  server.close();
  rmSync(directory, { recursive: true });
});

const endpoint = (name: string, port: number) => {
  const service = name.replace(/-\d$/, '');
  return { name, service, port, ready: true, serving: true, terminating: false };
};

/** The ports by which a caller sees others, by name. */
function seenBy(caller: string): Record<string, number> {
  const { items } = JSON.parse(readFileSync(network.endpoints(caller), 'utf8')) as {
    items: { metadata: { name: string }; ports: [{ port: number }] }[];
  };
  return Object.fromEntries(items.map(({ metadata, ports }) => [metadata.name, ports[0].port]));
}

/** What a connection to the port is told, or how it fails. */
async function hear(port = 0): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  return new Promise((resolve) => {
    socket.once('close', () => resolve(heard)).once('error', ({ message }) => resolve(message));
  });
}

test('every caller sees those whom it calls, behind ports of its own, and as they come and go', async () => {
  network.publish([endpoint('inventory-1', target), endpoint('order-1', target)]);
  await eventually(() => expect(Object.keys(seenBy('coordinator-1'))).toEqual(['inventory-1', 'order-1']));
  await eventually(() => expect(Object.keys(seenBy('inventory-1'))).toEqual([]));
  const ports = ['coordinator-1', 'order-1', 'order-2'].map((caller) => seenBy(caller)['inventory-1']);
  expect(new Set([...ports, target]).size).toBe(4);
  expect(await Promise.all(ports.map(hear))).toEqual(['hello', 'hello', 'hello']);
  network.publish([endpoint('inventory-1', target)]);
  await eventually(() => expect(Object.keys(seenBy('coordinator-1'))).toEqual(['inventory-1']));
  expect(seenBy('coordinator-1')['inventory-1']).toBe(ports[0]);
});

test('a disturbance is between those that it names, replicas or services, also for those to come', async () => {
  network.publish([endpoint('inventory-1', target)]);
  await eventually(() => expect(Object.keys(seenBy('order-2'))).toEqual(['inventory-1']));
  const isCut = async (caller: string) => (await hear(seenBy(caller)['inventory-1'])) !== 'hello';
  const all = () => Promise.all(['order-1', 'order-2', 'coordinator-1'].map(isCut));
  const heal = network.disturb({ from: 'order-1', to: 'inventory', weather: { type: 'cut' } });
  expect(await all()).toEqual([true, false, false]);
  const healAll = network.disturb({ from: 'order', to: 'inventory-1', weather: { type: 'cut' } });
  network.publish([endpoint('inventory-1', target), endpoint('inventory-2', target)]);
  await eventually(() => expect(Object.keys(seenBy('order-2'))).toEqual(['inventory-1', 'inventory-2']));
  expect(await all()).toEqual([true, true, false]);
  expect(await hear(seenBy('order-1')['inventory-2'])).not.toBe('hello');
  heal();
  expect(await hear(seenBy('order-1')['inventory-2'])).toBe('hello');
  healAll();
  expect(await all()).toEqual([false, false, false]);
});

test('databases are reached through a port of the replica, all of them', async () => {
  const url = `postgres://a:b@127.0.0.1:${target}`;
  const led = await network.databases('order-1', { DATABASE_URL: `${url}/x`, DATABASE_URLS: `${url}/x,${url}/y` });
  const port = Number(/:(\d+)\/x$/.exec(led.DATABASE_URL ?? '')?.[1]);
  expect(led.DATABASE_URLS).toBe(`postgres://a:b@127.0.0.1:${port}/x,postgres://a:b@127.0.0.1:${port}/y`);
  expect(port).not.toBe(target);
  expect(await hear(port)).toBe('hello');
  const heal = network.disturb({ from: 'order', to: 'database', weather: { type: 'cut' } });
  expect(await hear(port)).not.toBe('hello');
  heal();
  expect(await hear(port)).toBe('hello');
});
