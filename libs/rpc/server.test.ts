import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@assent/testing';
import {
  credentials,
  makeGenericClientConstructor,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import { describe, expect, test } from '@jest/globals';
import { service as healthDefinition } from 'grpc-health-check';
import { serveHealth } from './health.ts';
import { gate, startFixture } from './testing/fixture.ts';
import { fixtures } from './testing/fixtures.ts';

const INVENTORY = 'assent.inventory.v1.InventoryService';
const { open, fixture } = fixtures();

function healthClient(target: string) {
  const Health = makeGenericClientConstructor(healthDefinition, 'Health');
  const client = new Health(target, credentials.createInsecure());
  open.push({ close: () => client.close() });
  const check = (service: string) =>
    new Promise<string>((resolve, reject) => {
      client.check!({ service }, (error: ServiceError | null, response: { status: string }) =>
        error ? reject(error) : resolve(response.status),
      );
    });
  const watch = (service: string) => {
    const seen: unknown[] = [];
    client.watch!({ service })
      .on('data', (response: { status: string }) => seen.push(response.status))
      .on('error', ({ code }: ServiceError) => seen.push(code));
    return seen;
  };
  return { check, watch };
}

describe('health', () => {
  test('is what the server says, for the whole and for each service', async () => {
    const { server, target } = await fixture({});
    const { check } = healthClient(target);
    expect(await check('')).toBe('NOT_SERVING');
    server.setServing(true);
    expect([await check(''), await check(INVENTORY)]).toEqual(['SERVING', 'SERVING']);
    await expect(check('assent.nothing.v1.Nothing')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test('is pushed to those who watch, until the server drains', async () => {
    const { server, target } = await fixture({});
    const { watch } = healthClient(target);
    const [known, unknown] = [watch(INVENTORY), watch('nothing')];
    await eventually(() => expect([known, unknown]).toEqual([['NOT_SERVING'], ['SERVICE_UNKNOWN']]));
    server.setServing(true);
    server.setServing(true);
    await eventually(() => expect(known).toEqual(['NOT_SERVING', 'SERVING']));
    const start = performance.now();
    await server.drain(30_000);
    expect(performance.now() - start).toBeLessThan(15_000);
    await eventually(() => expect(known).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING', status.UNAVAILABLE]));
  });
});

describe('a server of health alone', () => {
  test('is alive, and tells what is set, also of names that come later', async () => {
    const server = await serveHealth('127.0.0.1', 0);
    open.push(server);
    const { check, watch } = healthClient(`127.0.0.1:${server.port}`);
    const [whole, later] = [watch(''), watch(INVENTORY)];
    await eventually(() => expect([whole, later]).toEqual([['NOT_SERVING'], ['SERVICE_UNKNOWN']]));
    server.set(['', INVENTORY], true);
    await eventually(() => expect([whole, later].map((seen) => seen.at(-1))).toEqual(['SERVING', 'SERVING']));
    server.set(['', INVENTORY], false);
    expect([await check(''), await check('liveness')]).toEqual(['NOT_SERVING', 'SERVING']);
  });

  test('fails when its port is taken', async () => {
    const { port, close } = await serveHealth('127.0.0.1', 0);
    open.push({ close });
    await expect(serveHealth('127.0.0.1', port)).rejects.toThrow(`can't listen on 127.0.0.1:${port}`);
  });
});

describe('reflection', () => {
  async function ask(target: string, version: string, request: object): Promise<Record<string, unknown>> {
    const protos = join(
      dirname(createRequire(import.meta.url).resolve('@grpc/reflection')),
      '../proto/grpc/reflection',
    );
    const definition = loadSync(join(protos, version, 'reflection.proto'))[
      `grpc.reflection.${version}.ServerReflection`
    ];
    const Reflection = makeGenericClientConstructor(definition as ServiceDefinition, 'Reflection');
    const client = new Reflection(target, credentials.createInsecure());
    open.push({ close: () => client.close() });
    const stream = client.ServerReflectionInfo!().on('error', () => {});
    stream.write(request);
    const [response] = await once(stream, 'data');
    stream.end();
    return response;
  }

  test.each(['v1', 'v1alpha'])('%s lists the services', async (version) => {
    const { target } = await fixture({});
    const { listServicesResponse } = await ask(target, version, { listServices: '' });
    const names = (listServicesResponse as { service: { name: string }[] }).service.map(({ name }) => name);
    expect(names.sort()).toEqual([INVENTORY, 'assent.participant.v1.ParticipantService', 'grpc.health.v1.Health']);
  });

  test.each([INVENTORY, 'grpc.health.v1.Health'])('gives all that is needed to call %s', async (service) => {
    const { target } = await fixture({});
    const { fileDescriptorResponse } = await ask(target, 'v1', { fileContainingSymbol: service });
    const { fileDescriptorProto: files } = fileDescriptorResponse as { fileDescriptorProto: Buffer[] };
    const loaded = loadFileDescriptorSetFromBuffer(Buffer.concat(files.map(asFirstField)));
    expect(Object.keys(loaded)).toContain(service);
  });
});

// A FileDescriptorSet has its files in field 1, whose length is a varint.
function asFirstField(bytes: Buffer): Buffer {
  const prefix = [0x0a];
  for (let rest = bytes.length; rest > 0; rest >>= 7) prefix.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from(prefix), bytes]);
}

describe('draining', () => {
  test('lets calls under way end, and takes no more', async () => {
    const [unaryBegun, streamBegun, go] = [gate(), gate(), gate()];
    const { server, inventory, participant } = await fixture({
      async getProduct(_request, { signal }) {
        unaryBegun.open();
        await go.passed;
        return { product: { name: String(signal.aborted) } };
      },
      async *execute(_request, { signal }) {
        yield {};
        streamBegun.open();
        await go.passed;
        yield { outcomes: [{ done: { result: String(signal.aborted) } }] };
      },
    });
    const unary = inventory.getProduct({});
    const stream = participant.execute({})[Symbol.asyncIterator]();
    await stream.next();
    await Promise.all([unaryBegun.passed, streamBegun.passed]);

    const drained = server.drain(30_000);
    await sleep(50);
    await expect(inventory.getProduct({}, { timeout_ms: 2_000 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    go.open();
    expect(await unary).toMatchObject({ product: { name: 'false' } });
    expect(await stream.next()).toMatchObject({ value: { outcomes: [{ done: { result: 'false' } }] } });
    expect(await stream.next()).toMatchObject({ done: true });
    await drained;
  });

  test('cancels what does not end in time', async () => {
    const begun = gate();
    let reason: unknown;
    const { server, inventory } = await fixture({
      getProduct: (_request, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(signal.reason);
          });
          begun.open();
        }),
    });
    const call = inventory.getProduct({}, { timeout_ms: 20_000 });
    const failed = expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await begun.passed;
    const start = performance.now();
    await server.drain(100);
    expect(performance.now() - start).toBeLessThan(15_000);
    await failed;
    await eventually(() => expect(reason).toMatchObject({ code: 'CANCELLED' }));
  });

  test('of an idle server with clients takes no time', async () => {
    const { server, inventory } = await fixture({ getProduct: async () => ({}) });
    await inventory.getProduct({});
    const start = performance.now();
    await server.drain(30_000);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

describe('limits', () => {
  test('of messages hold in both directions', async () => {
    const { inventory } = await fixture(
      { getProduct: async ({ sku }) => ({ product: { name: sku === 'large' ? 'x'.repeat(2_000) : sku } }) },
      { limits: { maxMessage_bytes: 1_000 } },
    );
    await expect(inventory.getProduct({ sku: 'x'.repeat(2_000) })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
    });
    await expect(inventory.getProduct({ sku: 'large' })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(await inventory.getProduct({ sku: 'small' })).toMatchObject({ product: { name: 'small' } });
  });

  test('of concurrent calls make the others wait', async () => {
    let now = 0;
    let most = 0;
    const { inventory } = await fixture(
      {
        async getProduct() {
          now += 1;
          most = Math.max(most, now);
          await sleep(5);
          now -= 1;
          return {};
        },
      },
      { limits: { maxConcurrentStreams: 3 } },
    );
    await inventory.getProduct({});
    await Promise.all(Array.from({ length: 30 }, () => inventory.getProduct({})));
    expect(most).toBeLessThanOrEqual(3);
  });

  test('an address that is taken is a clear error', async () => {
    const { server } = await fixture({});
    await expect(startFixture({}, { port: server.port })).rejects.toThrow(`can't listen on 127.0.0.1:${server.port}`);
  });
});
