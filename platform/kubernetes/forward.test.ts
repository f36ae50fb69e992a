// From outside a cluster to its pods, over real sockets and a stand-in for the API server.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { eventually } from '@assent/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openCluster } from './cluster.ts';
import { openForward } from './forward.ts';
import { selectorOf } from './release.ts';
import { pods, startApiServer } from './testing/api-server.ts';
import { pod } from './testing/release.ts';

let api: Awaited<ReturnType<typeof startApiServer>>;
const closing: (() => unknown)[] = [];
const target = {
  namespace: 'shop',
  selector: selectorOf({ namespace: 'shop', name: 'assent' }, 'postgres'),
  port: 'postgres',
};

beforeEach(async () => {
  api = await startApiServer();
  api.put(pods);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await api.close();
});

/** A pod's process: it says its name and then what it hears. */
async function serve(name: string): Promise<{ port: number; end(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(name);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  closing.push(end);
  return { port: (server.address() as AddressInfo).port, end };
}

async function forward(): Promise<() => Socket> {
  const opened = await openForward(await openCluster(), target);
  closing.push(opened.close);
  return () => {
    const socket = connect(opened.port, '127.0.0.1');
    socket.on('error', () => {});
    closing.push(() => socket.destroy());
    return socket;
  };
}

const firstWords = async (socket: Socket) => String((await once(socket, 'data'))[0]);

test('what goes in comes back, every byte of it', async () => {
  const { port } = await serve('a');
  api.put(pods, pod('postgres-0', 'postgres', port));
  const socket = (await forward())();
  const sent = randomBytes(3_000_000);
  const heard: Buffer[] = [];
  socket.on('data', (chunk) => heard.push(chunk));
  socket.write(sent);
  await eventually(() => expect(Buffer.concat(heard).length).toBe(sent.length + 1), 20_000);
  expect(Buffer.concat(heard).subarray(1).equals(sent)).toBe(true);
});

test('a pod that goes takes its connections along; the next one waits for the next pod', async () => {
  const first = await serve('first');
  api.put(pods, pod('postgres-0', 'postgres', first.port));
  const open = await forward();
  const before = open();
  expect(await firstWords(before)).toBe('first');
  first.end();
  await buffer(before);
  api.put(pods, pod('postgres-0', 'postgres', first.port, { leaving: true }));
  const second = await serve('second');
  const after = open();
  api.put(pods, pod('postgres-1', 'postgres', second.port, { ready: false }));
  api.put(pods, pod('postgres-1', 'postgres', second.port));
  expect(await firstWords(after)).toBe('second');
});

test('a port where nobody listens ends the connection, and so does closing the forward', async () => {
  const gone = await serve('gone');
  gone.end();
  api.put(pods, pod('postgres-0', 'postgres', gone.port));
  const open = await forward();
  expect((await buffer(open()).catch(() => Buffer.of())).length).toBe(0);
  const there = await serve('there');
  api.put(pods, pod('postgres-0', 'postgres', there.port));
  const socket = open();
  expect(await firstWords(socket)).toBe('there');
  const closed = once(socket, 'close');
  await closing.find((_, index) => index === 1)?.();
  await closed;
});
