import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { eventually } from '@assent/testing';
import { afterEach, expect, test } from '@jest/globals';
import { openProxy, type TcpProxy } from './proxy.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(() => {
  for (const one of cleanUp.splice(0)) one();
});

/** A proxy before a server; `heard` is what that has been sent. */
async function world() {
  const peers: Socket[] = [];
  const heard: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    peers.push(peer);
    peer.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    peer.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await openProxy((server.address() as AddressInfo).port);
  cleanUp.push(
    () => proxy.close(),
    () => server.close(),
    () => peers.forEach((peer) => void peer.destroy()),
  );
  const peer = () =>
    eventually(() => {
      expect(peers.length).toBeGreaterThan(0);
      return peers.at(-1) as Socket;
    });
  return { proxy, peer, heard: () => heard.join('') };
}

/** A connection through it; `heard` is what came back, `end` how it ended. */
async function dial({ port }: TcpProxy) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const heard: string[] = [];
  const ends: string[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  socket.on('error', (error: NodeJS.ErrnoException) => ends.push(error.code ?? ''));
  socket.on('end', () => ends.push('end'));
  cleanUp.push(() => socket.destroy());
  // A reset can be quicker.
  await once(socket, 'connect').catch(() => {});
  return { socket, heard: () => heard.join(''), ends };
}

/** Long enough for anything that could come through on this machine to have come. */
const silence = () => new Promise((resolve) => setTimeout(resolve, 150));

test('in calm weather all comes through, in both directions, ends included', async () => {
  const { proxy, peer, heard } = await world();
  const client = await dial(proxy);
  client.socket.write('ping');
  (await peer()).write('pong');
  await eventually(() => expect([heard(), client.heard()]).toEqual(['ping', 'pong']));
  client.socket.end('over');
  (await peer()).on('end', async () => (await peer()).end('out'));
  await eventually(() => expect([heard(), client.heard(), client.ends]).toEqual(['pingover', 'pongout', ['end']]));
});

test('more than fits into buffers comes through whole', async () => {
  const { proxy, heard } = await world();
  const client = await dial(proxy);
  const text = '0123456789'.repeat(2_000_000);
  client.socket.write(text);
  await eventually(() => expect(heard().length).toBe(text.length), 20_000);
  expect(heard()).toBe(text);
});

test('a cut resets connections on both sides, and new ones until it is healed', async () => {
  const { proxy, peer, heard } = await world();
  const client = await dial(proxy);
  const other = await peer();
  const ended = new Promise((resolve) => other.once('close', resolve));
  proxy.set({ type: 'cut' });
  await eventually(() => expect(client.ends).toEqual(['ECONNRESET']));
  await ended;
  const late = await dial(proxy);
  await eventually(() => expect(late.ends).toEqual(['ECONNRESET']));
  proxy.set({ type: 'calm' });
  (await dial(proxy)).socket.write('again');
  await eventually(() => expect(heard()).toBe('again'));
});

test('what is swallowed gets no answer, no end and no reset, and comes when it is healed', async () => {
  const { proxy, peer, heard } = await world();
  const old = await dial(proxy);
  (await peer()).write('before ');
  await eventually(() => expect(old.heard()).toBe('before '));
  proxy.set({ type: 'swallow', direction: 'both' });
  const fresh = await dial(proxy);
  old.socket.write('old ');
  fresh.socket.end('fresh ');
  (await peer()).write('answer');
  await silence();
  expect([heard(), old.heard(), old.ends, fresh.ends]).toEqual(['', 'before ', [], []]);
  proxy.set({ type: 'calm' });
  await eventually(() => expect([heard().length, old.heard() + fresh.heard()]).toEqual([10, 'before answer']));
});

test('one direction can be swallowed alone', async () => {
  const { proxy, peer, heard } = await world();
  const client = await dial(proxy);
  await peer();
  proxy.set({ type: 'swallow', direction: 'back' });
  client.socket.write('question');
  await eventually(() => expect(heard()).toBe('question'));
  (await peer()).write('answer');
  await silence();
  expect(client.heard()).toBe('');
  proxy.set({ type: 'swallow', direction: 'there' });
  await eventually(() => expect(client.heard()).toBe('answer'));
  client.socket.write('!');
  await silence();
  expect(heard()).toBe('question');
});

test('delayed bytes come later, in their order, and the end after them', async () => {
  const { proxy, peer, heard } = await world();
  const client = await dial(proxy);
  await peer();
  proxy.set({ type: 'delay', direction: 'there', delay_ms: 200 });
  const begun_ms = performance.now();
  for (const digit of '0123456789') client.socket.write(digit);
  client.socket.end();
  const end = once(await peer(), 'end');
  await eventually(() => expect(heard()).toBe('0123456789'));
  expect(performance.now() - begun_ms).toBeGreaterThanOrEqual(195);
  (await peer()).write('back');
  await eventually(() => expect(client.heard()).toBe('back'));
  await end;
});

test('a server that is not there, or resets, resets the client', async () => {
  const { proxy, peer } = await world();
  const client = await dial(proxy);
  (await peer()).resetAndDestroy();
  await eventually(() => expect(client.ends).toEqual(['ECONNRESET']));
  const nowhere = await openProxy(1);
  cleanUp.push(() => nowhere.close());
  const lost = await dial(nowhere);
  await eventually(() => expect(lost.ends).toEqual(['ECONNRESET']));
});
