import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@assent/ports';
import { openDatabase } from '@assent/postgres';
import { startPostgres } from '@assent/postgres/embedded';
import { InventoryService } from '@assent/protos';
import { connect } from '@assent/rpc';
import { eventually, type ServiceProcess, startProcess, type TestDatabase, testDatabase } from '@assent/testing';
import grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { service as healthService } from 'grpc-health-check';

let database: TestDatabase;
const processes: ServiceProcess[] = [];

beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.stop('SIGKILL')));
  await database.drop();
});

async function start(environment: Record<string, string> = {}): Promise<ServiceProcess> {
  const file = join(import.meta.dirname, 'testing', 'main.ts');
  const process = await startProcess({ file, environment: { DATABASE_URL: database.url, ...environment } });
  processes.push(process);
  return process;
}

async function getProduct(process: ServiceProcess, sku: string) {
  const client = connect(InventoryService, { target: `127.0.0.1:${process.port}`, timeout_ms: 3000 });
  try {
    return (await client.getProduct({ sku })).product?.sku;
  } finally {
    client.close();
  }
}

function health({ port }: Pick<ServiceProcess, 'port'>, service = ''): Promise<string> {
  const Health = grpc.makeGenericClientConstructor(healthService, 'Health');
  const client = new Health(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return new Promise((resolve) => {
    const deadline = Date.now() + 10_000;
    client.check?.({ service }, { deadline }, (error: Error | null, response?: { status: string }) => {
      client.close();
      resolve(response?.status ?? `${error}`);
    });
  });
}

const messages = (process: ServiceProcess) =>
  [...process.output().matchAll(/"msg":"([^"]*)"/g)].map(([, message]) => message);

describe('a service', () => {
  test('migrates, serves, and on SIGTERM ends in order without losing a call', async () => {
    const process = await start();
    expect(await health(process)).toBe('SERVING');
    expect(await getProduct(process, 'a')).toBe('a');
    const slow = getProduct(process, 'slow');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await process.stop()).toBe(0);
    expect(await slow).toBe('slow');
    expect(messages(process)).toEqual(['serving', 'draining', 'before drain', 'after drain', 'stopped']);
  });

  test('says NOT_SERVING for a while before it drains, and still serves', async () => {
    const kubelet = { port: await freePort() };
    const process = await start({ DRAIN_DELAY_MS: '20000', HEALTH_PORT: `${kubelet.port}` });
    expect(await health(kubelet, 'assent.inventory.v1.InventoryService')).toBe('SERVING');
    const stopped = process.stop();
    await eventually(async () => expect(await health(process)).toBe('NOT_SERVING'));
    expect(await getProduct(process, 'a')).toBe('a');
    expect([await health(kubelet), await health(kubelet, 'liveness')]).toEqual(['NOT_SERVING', 'SERVING']);
    // That is enough of it: a second signal.
    process.child.kill();
    expect(await stopped).toBe(1);
  });

  test('ends at once at a second signal', async () => {
    const process = await start({ DRAIN_DELAY_MS: '5000' });
    process.child.kill('SIGINT');
    await eventually(() => expect(messages(process)).toContain('draining'));
    expect(await process.stop()).toBe(1);
  });

  test('ends when its supervisor is gone', async () => {
    const process = await start();
    process.child.disconnect();
    await once(process.child, 'exit');
    expect([process.child.exitCode, messages(process).at(-1)]).toEqual([0, 'stopped']);
  });

  test('whose end fails somewhere still does the rest, and exits with 1', async () => {
    const process = await start({ FAIL: 'after drain' });
    expect(await process.stop()).toBe(1);
    expect(messages(process).slice(-2)).toEqual(['while stopping: after draining', 'stopped']);
  });

  test('ends with a line in the log at an error that nobody expects', async () => {
    const process = await start();
    await getProduct(process, 'crash').catch(() => {});
    if (process.child.exitCode === null) await once(process.child, 'exit');
    expect([process.child.exitCode, messages(process).at(-1)]).toEqual([1, 'unexpected error: crashed']);
  });
});

describe('a service that cannot start', () => {
  const failure = (environment: Record<string, string>): Promise<string> =>
    start(environment).then(
      () => 'started',
      (error: Error) => error.message,
    );

  test('says why in one line', async () => {
    const message = await failure({ FAIL: 'start' });
    expect(message).toContain('"msg":"cannot start: no start today"');
    expect(message.trim().split('\n').length).toBe(2);
    const { port } = await start();
    expect(await failure({ PORT: `${port}` })).toMatch(/"msg":"cannot start: [^"]*EADDRINUSE/);
    const { host } = new URL(database.url);
    expect(await failure({ DATABASE_URL: `postgres://a:b@${host}/c` })).toContain(
      `"msg":"cannot start: database c on ${host}: password authentication failed for user \\"a\\": is it the right role and`,
    );
  }, 60_000);

  test('leaves its last words where it is told to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-words-'));
    const file = join(directory, 'termination-log');
    try {
      await failure({ FAIL: 'start', TERMINATION_LOG: file });
      expect(readFileSync(file, 'utf8')).toBe('cannot start: no start today\n');
      const missing = join(directory, 'missing', 'termination-log');
      expect(await failure({ FAIL: 'start', TERMINATION_LOG: missing })).toContain('cannot start: no start today');
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);

  test('leaves a database alone that a later version has closed to it', async () => {
    await (await start()).stop();
    const sql = openDatabase({ url: database.url, name: 'test', size: 1, acquireTimeout_ms: 60_000 });
    await sql.query(`INSERT INTO schema_migrations VALUES ('fixture', 99, '', now(), '99.0')`);
    await sql.close();
    expect(await failure({})).toMatch(
      /"msg":"cannot start: [^"]* it requires 99.0, and this is [^"]* Deploy 99.0 or later/,
    );
  });

  test('names each variable that is wrong, but not its value', async () => {
    const message = await failure({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://user:secret@host/x',
      DRAIN_DELAY_MS: '',
      EXPECTED_VERSION: '99.0.0',
    });
    expect(message).toMatch(/^EXPECTED_VERSION: the chart is for version 99.0.0, and this image is /m);
    expect(message).toContain('PORT: Too big: expected number to be <=65535\n');
    expect(message).toContain('LOG_LEVEL: Invalid option: expected one of "trace"|"debug"');
    expect(message).toContain('DATABASE_URL: must be a postgres:// URL\n');
    expect(message).not.toMatch(/secret|DRAIN_DELAY_MS/);
  });
});

describe('a service whose database is not there yet', () => {
  const standIns: (() => void)[] = [];
  afterEach(() => {
    for (const close of standIns.splice(0)) close();
  });

  /** What stands before the database: it drops so many connections, and passes the others on. */
  async function standIn(drops: number, dropped: (count: number) => void = () => {}) {
    const { hostname, port } = new URL(database.url);
    let count = 0;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (++count <= drops) {
        socket.destroy();
        return dropped(count);
      }
      sockets.add(socket);
      const onward = connectTo(Number(port), hostname).on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(database.url);
    url.port = String((server.address() as AddressInfo).port);
    standIns.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return url.href;
  }

  test('waits for it, and says so once', async () => {
    const url = await standIn(2);
    const process = await start({ DATABASE_URL: url });
    const waiting = messages(process).filter((message) => message?.startsWith('waiting for the database '));
    expect(waiting).not.toEqual([]);
    expect(new Set(waiting).size).toBe(waiting.length);
    expect(await getProduct(process, 'a')).toBe('a');
  });

  test('is alive but not ready meanwhile, and can be told to stop', async () => {
    const kubelet = { port: await freePort() };
    const { promise: isWaiting, resolve } = Promise.withResolvers<void>();
    const url = await standIn(Infinity, (count) => count === 2 && resolve());
    const child = fork(join(import.meta.dirname, 'testing', 'main.ts'), {
      env: { ...process.env, PORT: '0', HEALTH_PORT: `${kubelet.port}`, DATABASE_URL: url },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await isWaiting;
    expect([await health(kubelet), await health(kubelet, 'liveness')]).toEqual(['NOT_SERVING', 'SERVING']);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('without its database a service says NOT_SERVING, and callers are told UNAVAILABLE', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-service-'));
  chmodSync(directory, 0o711);
  const options = { directory, maxConnections: 20, maxPreparedTransactions: 0, durable: false };
  let postgres = await startPostgres(options);
  try {
    const process = await start({ DATABASE_URL: postgres.adminUrl });
    await postgres.stop();
    await expect(getProduct(process, 'a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'DATABASE_UNAVAILABLE',
    });
    await eventually(async () => expect(await health(process)).toBe('NOT_SERVING'));
    postgres = await startPostgres({ ...options, port: postgres.port });
    await eventually(async () => expect(await health(process)).toBe('SERVING'));
    expect(await getProduct(process, 'a')).toBe('a');
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true });
  }
});

test('with several databases a service migrates each, and serves while one of them answers', async () => {
  const other = await testDatabase();
  try {
    const process = await start({ FIXTURE_DATABASE_URLS: `${database.url}, ${other.url}` });
    const sql = openDatabase({ url: other.url, name: 'test', size: 1, acquireTimeout_ms: 60_000 });
    expect((await sql.query('SELECT FROM things')).rowCount).toBe(0);
    await sql.close();
    await other.drop();
    await eventually(() => expect(messages(process)).toContain('the database does not answer'), 20_000);
    expect(await health(process)).toBe('SERVING');
    await database.drop();
    await eventually(async () => expect(await health(process)).toBe('NOT_SERVING'), 20_000);
  } finally {
    await other.drop();
  }
});
