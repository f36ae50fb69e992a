import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { InventoryService } from '@assent/protos';
import { eventually } from '@assent/testing';
import { describe, expect, test } from '@jest/globals';
import type { Call } from './call.ts';
import { connect, serviceTarget } from './client.ts';
import { invalid, RpcError } from './errors.ts';
import { fixtures } from './testing/fixtures.ts';

const { fixture } = fixtures();

const failure = (call: Promise<unknown>): Promise<RpcError> =>
  call.then(
    () => Promise.reject(),
    (error) => error,
  );

/** Waits until the call is cancelled and says why. */
async function cancelled({ signal }: Call): Promise<RpcError> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason as RpcError;
}

describe('a call', () => {
  test('takes a request there and a response back', async () => {
    const { inventory } = await fixture({
      async getProduct({ sku }) {
        return { product: { sku, name: 'Ünïcödé', price: { amount: '9223372036854775807', currency: 'EUR' } } };
      },
    });
    const { product } = await inventory.getProduct({ sku: 'tea' });
    expect(product).toEqual({
      sku: 'tea',
      name: 'Ünïcödé',
      price: { amount: '9223372036854775807', currency: 'EUR' },
      available: '0',
      reserved: '0',
      sold: '0',
      shard: 0,
    });
  });

  test('fails with the error that the function throws, with all its parts', async () => {
    const { inventory, logged } = await fixture({
      async getProduct() {
        throw new RpcError('FAILED_PRECONDITION', 'sold out', { reason: 'SOLD_OUT', cause: new Error('secret') });
      },
      async createProduct() {
        throw invalid([
          { field: 'sku', description: 'is empty' },
          { field: 'price.amount', description: 'is negative' },
        ]);
      },
      async restockProduct() {
        throw new RpcError('ABORTED', 'try again', { retryDelay_ms: 1_500 });
      },
    });
    const error = await failure(inventory.getProduct({}));
    expect(error.cause).toBeUndefined();
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'sold out',
      reason: 'SOLD_OUT',
    });
    expect(await failure(inventory.createProduct({}))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'sku: is empty; price.amount: is negative',
      violations: [
        { field: 'sku', description: 'is empty' },
        { field: 'price.amount', description: 'is negative' },
      ],
    });
    expect(await failure(inventory.restockProduct({}))).toMatchObject({ code: 'ABORTED', retryDelay_ms: 1_500 });
    expect(logged).toEqual([]);
  });

  test('that meets an unknown error tells nothing of it, and the log all', async () => {
    const { inventory, participant, logged } = await fixture({
      async getProduct() {
        throw new Error('password=secret');
      },
      async *execute() {
        yield {};
        throw { not: 'even an error' };
      },
    });
    expect(await failure(inventory.getProduct({}))).toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    const stream = participant.execute({})[Symbol.asyncIterator]();
    await stream.next();
    expect(await failure(stream.next())).toMatchObject({ code: 'INTERNAL', message: 'internal error' });
    expect(logged).toEqual([
      { err: new Error('password=secret'), method: 'assent.inventory.v1.InventoryService/GetProduct' },
      { err: { not: 'even an error' }, method: 'assent.participant.v1.ParticipantService/Execute' },
    ]);
  });

  test.each([
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['control characters', '\0\r\n\t"%25"', '\0\r\n\t"%25"'],
    ['emoji and accents', '💶 é', '💶 é'],
    ['10 kB', 'x'.repeat(10_000), 'x'.repeat(1_000)],
  ])('carries an error text with %s', async (_name, sent, received) => {
    const { inventory } = await fixture({
      async getProduct() {
        throw invalid(Array.from({ length: 100 }, () => ({ field: sent, description: sent })));
      },
      async listProducts() {
        throw new RpcError('NOT_FOUND', sent, { reason: sent });
      },
    });
    expect(await failure(inventory.listProducts({}))).toMatchObject({ code: 'NOT_FOUND', message: received });
    expect((await failure(inventory.getProduct({}))).violations).toHaveLength(20);
  });

  test('whose response does not fit its type fails, and the log says why', async () => {
    const { inventory, logged } = await fixture({
      getProduct: async () => ({ product: 5 }) as object,
    });
    expect(await failure(inventory.getProduct({}))).toMatchObject({ code: 'INTERNAL' });
    expect(logged).toHaveLength(1);
  });

  test('to nobody is UNAVAILABLE and does not tell addresses', async () => {
    const { target, server, inventory } = await fixture({});
    server.close();
    const error = await failure(inventory.getProduct({}));
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(error.message).not.toContain('127.0.0.1');
    expect(String(error.cause)).toContain(target);
  });

  test('of a closed client fails', async () => {
    const { inventory } = await fixture({});
    inventory.close();
    expect(await failure(inventory.getProduct({}))).toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a deadline', () => {
  test('ends the call at both sides', async () => {
    const reasons: Promise<RpcError>[] = [];
    const { inventory } = await fixture({
      async getProduct(_request, call) {
        reasons.push(cancelled(call));
        throw await reasons[0]!;
      },
    });
    const error = await failure(inventory.getProduct({}, { timeout_ms: 2_000 }));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(['DEADLINE_EXCEEDED', 'CANCELLED']).toContain((await reasons[0]!).code);
  });

  test('is always there', async () => {
    const { target } = await fixture({
      async getProduct(_request, { deadline_ms }) {
        return { product: { name: String(deadline_ms - performance.now()) } };
      },
    });
    for (const [options, expected_ms] of [
      [{ target }, 10_000],
      [{ target, timeout_ms: 30_000 }, 30_000],
    ] as const) {
      const client = connect(InventoryService, options);
      const { product } = await client.getProduct({});
      client.close();
      expect(Number(product?.name)).toBeGreaterThan(expected_ms - 9_000);
      expect(Number(product?.name)).toBeLessThanOrEqual(expected_ms + 10);
    }
  });

  test('goes along to the calls that are made for a call', async () => {
    const inner = await fixture({
      async getProduct(_request, { deadline_ms }) {
        return { product: { name: String(deadline_ms - performance.now()) } };
      },
    });
    const outer = await fixture({
      getProduct: (request, call) => inner.inventory.getProduct(request, { parent: call }),
    });
    const { product } = await outer.inventory.getProduct({}, { timeout_ms: 2_000 });
    expect(Number(product?.name)).toBeLessThanOrEqual(2_010);
  });
});

describe('cancelling', () => {
  test('a call cancels the calls that are made for it', async () => {
    const reasons: RpcError[] = [];
    const aborter = new AbortController();
    const inner = await fixture({
      async getProduct(_request, call) {
        aborter.abort();
        reasons.push(await cancelled(call));
        return {};
      },
    });
    const outer = await fixture({
      getProduct: (request, call) => inner.inventory.getProduct(request, { parent: call }),
    });
    const call = outer.inventory.getProduct({}, { signal: aborter.signal });
    expect(await failure(call)).toMatchObject({ code: 'CANCELLED' });
    await eventually(() => expect(reasons).toMatchObject([{ code: 'CANCELLED' }]));
    expect(outer.logged).toEqual([]);
  });

  test('beforehand makes no call at all', async () => {
    let calls = 0;
    const { inventory } = await fixture({
      async getProduct() {
        calls += 1;
        return {};
      },
    });
    expect(await failure(inventory.getProduct({}, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'CANCELLED',
    });
    await inventory.getProduct({});
    expect(calls).toBe(1);
  });

  test('does not happen after the answer', async () => {
    const signals: AbortSignal[] = [];
    const { inventory } = await fixture({
      async getProduct(_request, { signal }) {
        signals.push(signal);
        return {};
      },
    });
    await inventory.getProduct({});
    await sleep(50);
    expect(signals[0]?.aborted).toBe(false);
  });

  test('leaves no listeners on a signal that lives on', async () => {
    const { inventory } = await fixture({ getProduct: async () => ({}) });
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...parameters: unknown[]) => {
      listeners += 1;
      Reflect.apply(addEventListener, signal, parameters);
    };
    signal.removeEventListener = (...parameters: unknown[]) => {
      listeners -= 1;
      Reflect.apply(removeEventListener, signal, parameters);
    };
    await Promise.all(Array.from({ length: 20 }, () => inventory.getProduct({}, { signal })));
    expect(listeners).toBe(0);
  });
});

describe('a stream', () => {
  test('gives every message in order, and then ends', async () => {
    const { participant } = await fixture({
      async *execute({ calls }) {
        for (const [index] of calls.entries()) yield { outcomes: [{ index, done: {} }] };
      },
    });
    const seen: number[] = [];
    const calls = Array.from({ length: 1_000 }, () => ({}));
    for await (const { outcomes } of participant.execute({ calls })) seen.push(outcomes[0]!.index);
    expect(seen).toEqual(calls.map((_, index) => index));
  });

  test('gives what came before an error, and then the error', async () => {
    const { participant } = await fixture({
      async *execute(_request) {
        yield {};
        await sleep(20);
        throw new RpcError('ABORTED', 'no more', { reason: 'ENOUGH' });
      },
    });
    let messages = 0;
    const read = async () => {
      for await (const _ of participant.execute({})) messages += 1;
    };
    expect(await failure(read())).toMatchObject({ code: 'ABORTED', message: 'no more', reason: 'ENOUGH' });
    expect(messages).toBe(1);
  });

  test('that is left early ends at the server too', async () => {
    const reasons: RpcError[] = [];
    let ended = false;
    const { participant, logged } = await fixture({
      async *execute(_request, call) {
        try {
          void cancelled(call).then((reason) => reasons.push(reason));
          for (;;) {
            yield {};
            await sleep(5);
          }
        } finally {
          ended = true;
        }
      },
    });
    for await (const _ of participant.execute({})) break;
    await eventually(() => expect(ended).toBe(true));
    expect(reasons).toMatchObject([{ code: 'CANCELLED' }]);
    expect(logged).toEqual([]);
  });

  test('goes as slowly as its reader', async () => {
    let sent = 0;
    const { participant } = await fixture({
      async *execute() {
        const result = 'x'.repeat(10_000);
        for (; sent < 1_000; sent++) yield { outcomes: [{ done: { result } }] };
      },
    });
    const stream = participant.execute({})[Symbol.asyncIterator]();
    await stream.next();
    await sleep(200);
    expect(sent).toBeLessThan(100);
    await stream.return?.();
  });

  test('makes no call until it is read', async () => {
    let calls = 0;
    const { participant } = await fixture({
      async *execute() {
        calls += 1;
        yield {};
      },
    });
    participant.execute({});
    await sleep(50);
    expect(calls).toBe(0);
  });
});

test('the target of a service comes from a template', () => {
  expect(serviceTarget('file:///run/endpoints.json#{service}', 'inventory')).toBe(
    'file:///run/endpoints.json#inventory',
  );
});

test('a client of a subset keeps to it', async () => {
  const calls = [0, 0, 0];
  const counting = (index: number) =>
    fixture({
      async getProduct() {
        calls[index]! += 1;
        return {};
      },
    });
  const servers = await Promise.all([0, 1, 2].map(counting));
  const target = `static:///${servers.map((server) => server.target).join()}`;
  const inventory = connect(InventoryService, { target, subset: 1 });
  for (let call = 0; call < 20; call++) await inventory.getProduct({});
  inventory.close();
  expect(calls.toSorted()).toEqual([0, 0, 20]);
});

test('an eager client connects before its first call', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = once(server, 'connection');
  const inventory = connect(InventoryService, { target, eager: true });
  await connected;
  inventory.close();
  server.close();
});
