import { promisify } from 'node:util';
import { InventoryService } from '@assent/protos';
import { eventually } from '@assent/testing';
import { Metadata, Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connect } from './client.ts';
import { RpcError } from './errors.ts';
import { retryBudget, retryDefaults, unlimited, waitBeforeRetry } from './retry.ts';
import type { Fixture } from './testing/fixture.ts';
import { fixtures } from './testing/fixtures.ts';

const { open, fixture } = fixtures();

describe('the wait before a retry', () => {
  const unavailable = new RpcError('UNAVAILABLE', '');
  const attempts = fc.integer({ min: 1, max: 4 });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('is anything up to a limit that grows', () => {
    fc.assert(
      fc.property(attempts, chance, (attempts, random) => {
        const wait_ms = waitBeforeRetry(unavailable, attempts, () => random)!;
        expect(wait_ms).toBeGreaterThanOrEqual(0);
        expect(wait_ms).toBeLessThanOrEqual([50, 150, 450, 1_000][attempts - 1]!);
      }),
    );
  });

  test('is not before the server wants to be asked', () => {
    fc.assert(
      fc.property(attempts, chance, fc.nat(60_000), (attempts, random, retryDelay_ms) => {
        for (const code of ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'] as const) {
          const error = new RpcError(code, '', { retryDelay_ms });
          expect(waitBeforeRetry(error, attempts, () => random)).toBeGreaterThanOrEqual(retryDelay_ms);
        }
      }),
    );
  });

  test('is as the server has said to this client, and none when it has said never', () => {
    const busy = new RpcError('RESOURCE_EXHAUSTED', '', { retryDelay_ms: 100 });
    const wait = (error: RpcError, pushback_ms: number) =>
      waitBeforeRetry(error, 1, () => 0, retryDefaults, pushback_ms);
    expect([wait(busy, 300), wait(busy, 50), wait(unavailable, 70)]).toEqual([300, 100, 70]);
    expect(wait(new RpcError('RESOURCE_EXHAUSTED', ''), 0)).toBe(0);
    expect([wait(busy, -1), wait(unavailable, -1)]).toEqual([undefined, undefined]);
  });

  test('is none after five attempts, for other errors, and for an overload without end', () => {
    expect(waitBeforeRetry(unavailable, 5, () => 0)).toBeUndefined();
    for (const code of ['RESOURCE_EXHAUSTED', 'INTERNAL', 'CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED'] as const) {
      expect(waitBeforeRetry(new RpcError(code, ''), 1, () => 0)).toBeUndefined();
    }
  });
});

test('the budget takes 500 failures at once, and then one for ten successes', () => {
  const budget = retryBudget();
  const retried = Array.from({ length: 1_000 }, () => budget.failed()).filter(Boolean);
  expect(retried).toHaveLength(499);
  for (let successes = 0; successes < 5_015; successes++) budget.succeeded();
  expect(budget.failed()).toBe(true);
  expect(budget.failed()).toBe(false);
});

test('a budget is as it is wanted, or none', () => {
  const budget = retryBudget({ maxTokens: 4, tokenRatio: 1 });
  expect([budget.failed(), budget.failed()]).toEqual([true, false]);
  budget.succeeded();
  budget.succeeded();
  expect(budget.failed()).toBe(true);
  expect(Array.from({ length: 10_000 }, () => unlimited.failed())).not.toContain(false);
});

/** A server that fails every call with this pushback, and counts the attempts. */
async function pushingBack(pushback: string) {
  let attempts = 0;
  const metadata = new Metadata();
  metadata.set('grpc-retry-pushback-ms', pushback);
  const server = new Server();
  const { GetProduct } = InventoryService.definition;
  server.addService(
    { GetProduct: GetProduct as never },
    {
      GetProduct(_call: unknown, reply: sendUnaryData<unknown>) {
        attempts += 1;
        reply({ code: status.UNAVAILABLE, details: 'go away', metadata });
      },
    },
  );
  const port = await promisify(server.bindAsync.bind(server))('127.0.0.1:0', ServerCredentials.createInsecure());
  const inventory = connect(InventoryService, { target: `127.0.0.1:${port}` });
  open.push({ close: () => [inventory.close(), server.forceShutdown()] } as unknown as Fixture);
  return { inventory, attempts: () => attempts };
}

describe('a call', () => {
  test.each([
    ['-1', 1],
    ['soon', 1],
    ['0', 5],
  ])('whose server pushes back by %s is made %d times', async (pushback, expected) => {
    const { inventory, attempts } = await pushingBack(pushback);
    await expect(inventory.getProduct({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(attempts()).toBe(expected);
  });

  test('is tried again while the server is not available', async () => {
    let attempts = 0;
    const { inventory } = await fixture({
      async getProduct() {
        attempts += 1;
        if (attempts < 4) throw new RpcError('UNAVAILABLE', 'not yet');
        return { product: { name: 'at last' } };
      },
    });
    expect(await inventory.getProduct({})).toMatchObject({ product: { name: 'at last' } });
    expect(attempts).toBe(4);
  });

  test('fails with the last error after five attempts', async () => {
    let attempts = 0;
    const { inventory } = await fixture({
      async getProduct() {
        attempts += 1;
        throw new RpcError('UNAVAILABLE', `no ${attempts}`, { reason: 'DATABASE_GONE' });
      },
    });
    await expect(inventory.getProduct({})).rejects.toMatchObject({ message: 'no 5', reason: 'DATABASE_GONE' });
    expect(attempts).toBe(5);
  });

  test('to a server that sheds load is tried again when that says so', async () => {
    const times: number[] = [];
    const { inventory } = await fixture({
      async getProduct() {
        times.push(performance.now());
        if (times.length === 1) throw new RpcError('RESOURCE_EXHAUSTED', 'busy', { retryDelay_ms: 200 });
        return {};
      },
    });
    await inventory.getProduct({});
    expect(times[1]! - times[0]!).toBeGreaterThan(190);
  });

  test('is not tried again beyond its deadline', async () => {
    let attempts = 0;
    const { inventory } = await fixture({
      async getProduct() {
        attempts += 1;
        throw new RpcError('UNAVAILABLE', 'gone', { retryDelay_ms: 30_000 });
      },
    });
    const start = performance.now();
    await expect(inventory.getProduct({}, { timeout_ms: 20_000 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(attempts).toBe(1);
  });

  test('is not tried again when it is cancelled while it waits', async () => {
    let attempts = 0;
    const aborter = new AbortController();
    const { inventory } = await fixture({
      async getProduct() {
        attempts += 1;
        setTimeout(() => aborter.abort(), 50);
        throw new RpcError('UNAVAILABLE', 'gone', { retryDelay_ms: 30_000 });
      },
    });
    const start = performance.now();
    const call = inventory.getProduct({}, { signal: aborter.signal, timeout_ms: 60_000 });
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(attempts).toBe(1);
  });
});

describe('a stream', () => {
  test('is tried again before its first message, and never after', async () => {
    let attempts = 0;
    const { participant } = await fixture({
      async *execute() {
        attempts += 1;
        if (attempts < 3) throw new RpcError('UNAVAILABLE', 'not yet');
        yield {};
        throw new RpcError('UNAVAILABLE', 'no more');
      },
    });
    const stream = participant.execute({})[Symbol.asyncIterator]();
    expect(await stream.next()).toMatchObject({ done: false });
    await expect(stream.next()).rejects.toMatchObject({ message: 'no more' });
    expect(attempts).toBe(3);
  });
});

test('a server hears nothing of what is to be avoided, whatever the balancer', async () => {
  const heard: unknown[] = [];
  const { target } = await fixture({
    async getProduct(_request, { metadata }) {
      if (heard.push(...metadata.get('assent-avoid'), 'attempt') < 2) throw new RpcError('UNAVAILABLE', 'not yet');
      return {};
    },
  });
  const serviceConfig = { loadBalancingConfig: [{ pick_first: {} }] };
  const inventory = connect(InventoryService, { target, serviceConfig });
  open.push({ close: inventory.close } as Fixture);
  await inventory.getProduct({});
  expect(heard).toEqual(['attempt', 'attempt']);
});

test('a retry goes to another endpoint than the one that failed', async () => {
  const visits: string[] = [];
  const replica = (name: string) =>
    fixture({
      async getProduct(_request, { metadata }) {
        expect(metadata.get('assent-avoid')).toEqual([]);
        visits.push(name);
        if (metadata.get('grpc-previous-rpc-attempts').length === 0) throw new RpcError('UNAVAILABLE', 'gone');
        return {};
      },
    });
  const replicas = await Promise.all([replica('one'), replica('other')]);
  const target = `static:///${replicas.map((one) => one.target).join(',')}`;
  // Left alone it would go by the key, to the same endpoint.
  const serviceConfig = { loadBalancingConfig: [{ consistent_hash: { ejection: false, health: false } }] };
  const inventory = connect(InventoryService, { target, serviceConfig });
  open.push({ close: inventory.close } as Fixture);
  const call = () => inventory.getProduct({}, { metadata: { 'assent-hash-key': 'tea' } });
  // At first only one of them may be connected.
  await eventually(async () => {
    visits.length = 0;
    await call();
    expect(new Set(visits).size).toBe(2);
  });
  visits.length = 0;
  for (let calls = 0; calls < 10; calls++) await call();
  const firsts = visits.filter((_, index) => index % 2 === 0);
  const seconds = visits.filter((_, index) => index % 2 === 1);
  expect([new Set(firsts).size, new Set(seconds).size, new Set(visits).size]).toEqual([1, 1, 2]);
});
