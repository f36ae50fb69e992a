import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@assent/ports';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installDiscovery } from './index.ts';

// A service that answers with its name, after as many milliseconds as it is asked to wait.
const path = '/test.Echo/Who';
const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() };
const definition = {
  who: {
    path,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
};

let directory: string;
let file: string;
const open: { close(): void }[] = [];
const errors: string[] = [];

beforeEach(() => {
  installDiscovery();
  grpc.setLogger({ error: (message: string) => errors.push(message) });
  directory = mkdtempSync(join(tmpdir(), 'discovery-'));
  file = join(directory, 'endpoints.json');
});

afterEach(() => {
  for (const { close } of open.splice(0)) close();
  errors.length = 0;
  rmSync(directory, { recursive: true, force: true });
});

async function replica(name: string, earlierPort?: number) {
  const server = new grpc.Server();
  server.addService(definition, {
    who: (call: grpc.ServerUnaryCall<string, string>, reply: grpc.sendUnaryData<string>) => {
      setTimeout(() => reply(null, name), Number(call.request));
    },
  });
  const port = earlierPort ?? (await freePort());
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), done);
  });
  const close = () => server.forceShutdown();
  open.push({ close });
  return { name, port, close };
}

const slice = (name: string, port: number, conditions: object = { ready: true }) => ({
  metadata: { name, labels: { 'kubernetes.io/service-name': 'echo' } },
  addressType: 'IPv4',
  ports: [{ name: 'grpc', port }],
  endpoints: [{ addresses: ['127.0.0.1'], conditions }],
});

function publish(...items: object[]): void {
  write(JSON.stringify({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items }));
}

function write(content: string): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function client() {
  const channel = new grpc.Client(`file://${file}#echo`, grpc.credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ least_loaded: {} }] }),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  open.push({ close: () => channel.close() });
  return (wait_ms = 0) =>
    new Promise<string>((resolve, reject) => {
      const done = (error: Error | null, name?: string) => (error ? reject(error) : resolve(name!));
      const options = { deadline: Date.now() + 3_000 };
      channel.makeUnaryRequest(path, text.serialize, text.deserialize, String(wait_ms), options, done);
    });
}

// Who answered how many of 60 calls, six at a time.
async function tally(who: (wait_ms?: number) => Promise<string>, wait_ms = 0): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let round = 0; round < 10; round++) {
    for (const name of await Promise.all(Array.from({ length: 6 }, () => who(wait_ms)))) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('still not so after 5 s');
    await sleep(20);
  }
}

const answers = (who: () => Promise<string>) => async () =>
  who().then(
    () => true,
    () => false,
  );

describe('a client that finds its servers by file', () => {
  test('calls all of them, and each change counts', async () => {
    const [a, b, c] = [await replica('a'), await replica('b'), await replica('c')];
    publish(slice('a', a.port), slice('b', b.port));
    const who = client();
    await until(async () => (await who()) === 'a');
    await until(async () => (await who()) === 'b');

    publish(
      slice('a', a.port, { ready: false, serving: true, terminating: true }),
      slice('b', b.port),
      slice('c', c.port),
    );
    await until(async () => (await who()) === 'c');
    expect((await tally(who, 2)).a).toBeUndefined();
  });

  test('lets calls end at an endpoint that is taken away', async () => {
    const [a, b] = [await replica('a'), await replica('b')];
    publish(slice('a', a.port));
    const who = client();
    await who();
    const slow = who(300);
    publish(slice('b', b.port));
    await until(async () => (await who()) === 'b');
    expect(await slow).toBe('a');
  });

  test('keeps what it knows when the file breaks or is gone, and says so once', async () => {
    const a = await replica('a');
    publish(slice('a', a.port));
    const who = client();
    await who();
    write('{"items":[{}]}');
    await until(async () => errors.length > 0);
    expect(errors[0]).toContain('items[0].metadata');
    expect(await who()).toBe('a');
    rmSync(file);
    await until(async () => errors.length > 1);
    expect(errors[1]).toContain('ENOENT');
    await sleep(100);
    expect(await who()).toBe('a');
    expect(errors).toHaveLength(2);
  });

  test('fails while there is no file and finds it when it comes, with its directory', async () => {
    const a = await replica('a');
    rmSync(directory, { recursive: true });
    const who = client();
    await expect(who()).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
    mkdirSync(directory);
    publish(slice('a', a.port));
    await until(answers(who));
  });

  test('fails while the service has no endpoints', async () => {
    const a = await replica('a');
    publish();
    const who = client();
    await expect(who()).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
    publish(slice('a', a.port));
    await until(answers(who));
  });
});

describe('the least loaded of two', () => {
  test('is never one whose connection is down, and is again one that came back', async () => {
    const [a, b] = [await replica('a'), await replica('b')];
    publish(slice('a', a.port), slice('b', b.port));
    const who = client();
    await until(async () => (await who()) === 'a');
    await until(async () => (await who()) === 'b');
    b.close();
    await until(answers(who));
    expect(await tally(who)).toEqual({ a: 60 });
    await replica('b again', b.port);
    await until(async () => (await who(5)) === 'b again');
  });
});
