import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { freePort } from '@assent/ports';
import type { Logger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';

import { rateOf } from './gcra.ts';
import { createLimiter } from './limiter.ts';
import { openShared } from './redis.ts';

const rate = rateOf(1, 5);
const patience_ms = 30_000;
const closing: { close(): void }[] = [];
afterEach(() => {
  for (const open of closing.splice(0)) open.close();
});

/** A replica's limiter, and what it has logged. */
function replica(url: string, timeout_ms = 5_000) {
  const lines: string[] = [];
  const keep = (first: unknown, second?: unknown) => lines.push(`${second ?? first}`);
  const shared = openShared({ url, timeout_ms, log: { info: keep, warn: keep } as unknown as Logger });
  closing.push(shared);
  return { lines, take: shared.take, limiter: createLimiter({ rate, shared: shared.take }) };
}

const isHere = spawnSync('redis-server', ['--version']).status === 0;
const withRedis = isHere ? describe : describe.skip;

withRedis(`with Redis${isHere ? '' : ' (skipped: there is no redis-server in PATH)'}`, () => {
  let port: number;
  let url: string;
  let server: ChildProcess;
  let client: Redis;

  async function startRedis() {
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--requirepass', 'secret'];
    server = spawn('redis-server', options, { stdio: 'ignore' });
    client = new Redis(url, { maxRetriesPerRequest: null });
    client.on('error', () => {});
    await client.ping();
  }
  async function stopRedis(signal: NodeJS.Signals = 'SIGKILL') {
    client.disconnect();
    server.kill(signal);
    await once(server, 'exit');
  }
  const isShared = ({ take }: ReturnType<typeof replica>) =>
    eventually(async () => expect(await take('whoever', rate)).toBeDefined(), patience_ms);

  beforeAll(async () => {
    port = await freePort();
    url = `redis://:secret@127.0.0.1:${port}`;
    await startRedis();
  }, patience_ms);
  afterAll(() => stopRedis());

  test('replicas share the limit of each client, and nobody is let in twice', async () => {
    const replicas = [replica(url), replica(url), replica(url)];
    for (const each of replicas) await isShared(each);
    const verdicts = await Promise.all(
      Array.from({ length: 60 }, (_, count) => replicas[count % 3]!.limiter(count < 45 ? 'many' : `one-${count % 5}`)),
    );
    const allowed = (part: typeof verdicts) => part.filter(({ allowed }) => allowed).length;
    // Seconds may pass meanwhile on a machine that is busy.
    expect(allowed(verdicts.slice(0, 45))).toBeGreaterThanOrEqual(5);
    expect(allowed(verdicts.slice(0, 45))).toBeLessThan(15);
    expect(allowed(verdicts.slice(45))).toBe(15);
    const refused = verdicts.find(({ allowed }) => !allowed)!;
    expect(refused.ahead_us).toBeGreaterThan(4_000_000);
    expect(refused.ahead_us).toBeLessThanOrEqual(5_000_000);
  });

  test('what is kept goes by itself, and what is nonsense does not count', async () => {
    const { take } = await open();
    await take('who', rate);
    const left_ms = await client.pttl('assent:limit:who');
    expect(left_ms).toBeGreaterThan(0);
    expect(left_ms).toBeLessThanOrEqual(1_000);
    for (const value of ['nonsense', '9e15', '-1']) {
      await client.set('assent:limit:who', value);
      expect(await take('who', rate)).toEqual({ allowed: true, ahead_us: 1_000_000 });
    }
    // It is written to the microsecond.
    expect(await client.get('assent:limit:who')).toMatch(/^\d{16}$/);
  });

  async function open() {
    const opened = replica(url);
    await isShared(opened);
    return opened;
  }

  test('without Redis each limits by itself, with one warning, until it is back', async () => {
    const opened = await open();
    const { limiter, lines } = opened;
    await stopRedis();
    const verdicts: boolean[] = [];
    for (let count = 0; count < 20; count++) verdicts.push((await limiter('away')).allowed);
    expect(verdicts.slice(0, 5)).toEqual([true, true, true, true, true]);
    expect(verdicts.at(-1)).toBe(false);
    await eventually(() => expect(lines).toHaveLength(1), patience_ms);
    expect(lines[0]).toContain('this replica limits requests per client by itself');
    await startRedis();
    await isShared(opened);
    expect(lines.slice(1)).toEqual([expect.stringContaining('share the limit')]);
  }, 60_000);

  test('a Redis that stands still keeps nobody waiting', async () => {
    const opened = replica(url, 100);
    const { limiter, lines } = opened;
    await isShared(opened);
    server.kill('SIGSTOP');
    try {
      const begin_ms = performance.now();
      for (let count = 0; count < 200; count++) expect((await limiter(`client-${count}`)).allowed).toBe(true);
      // Five of them wait, and the others don't; were it each, it would be twenty seconds.
      expect(performance.now() - begin_ms).toBeLessThan(10_000);
      expect(lines.at(-1)).toContain('this replica limits requests per client by itself');
    } finally {
      server.kill('SIGCONT');
    }
    await isShared(opened);
  }, 60_000);

  test('a wrong password is a warning that does not tell it', async () => {
    const { limiter, lines } = replica(url.replace('secret', 'hunter2'));
    await eventually(() => expect(lines).toHaveLength(1), patience_ms);
    expect((await limiter('a')).allowed).toBe(true);
    expect(lines.join()).not.toContain('hunter2');
  });
});

test('a Redis that takes connections and says nothing is as good as none', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push({
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  const { limiter } = replica(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, 20);
  const verdicts: boolean[] = [];
  for (let count = 0; count < 10; count++) verdicts.push((await limiter('a')).allowed);
  expect([verdicts[0], verdicts.at(-1)]).toEqual([true, false]);
});
