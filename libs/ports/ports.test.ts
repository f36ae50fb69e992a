import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort, tryPort } from './index.ts';

async function listen(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('ports are not given twice, and are none that a connection may get', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
  expect(ports.filter((port) => port < 20_000 || port > 29_999)).toEqual([]);
});

test('ports in a row are all free, and theirs alone', async () => {
  const [first, second] = await Promise.all([freePort({ inARow: 3 }), freePort({ inARow: 3 })]);
  expect(Math.abs(second - first)).toBeGreaterThanOrEqual(3);
  const servers = await Promise.all([first, first + 1, first + 2].map(listen));
  servers.forEach((server) => void server.close());
});

test('a port that somebody listens on is passed over', async () => {
  const here = await freePort();
  // The next one in line, unless somebody has it already.
  const server = await listen(here + 1).catch(() => undefined);
  expect(await freePort()).not.toBe(here + 1);
  expect(await freePort({ inARow: 2 })).not.toBe(here + 1);
  server?.close();
});

test('a port that is in use is refused with the system’s error', async () => {
  const port = await freePort();
  const server = await listen(port);
  await expect(tryPort(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  server.close();
});
