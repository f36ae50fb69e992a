// A real server that has more to do than it takes on.

import { ParticipantService } from '@assent/protos';
import { serveMetrics } from '@assent/telemetry/scrape';
import { eventually } from '@assent/testing';
import { credentials, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { service as healthDefinition } from 'grpc-health-check';
import type { Limits } from '../limits.ts';
import { implement } from '../server.ts';
import { errorLog, type Fixture, gate, startFixture } from '../testing/fixture.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const { close } of open.splice(0)) close();
});

/** One call of each method at a time, and one more that waits. */
const one: Limits = { concurrency: { initial: 1, min: 1, max: 2, queue: 1, patience_ms: 20_000 } };

/** A server whose method answers when the test says so; how many calls of it are under way, and did begin. */
async function busyServer(limits: Limits = one) {
  const go = gate();
  const begun: string[] = [];
  const fixture: Fixture = await startFixture(
    {
      async getProduct({ sku }) {
        begun.push(sku);
        await go.passed;
        return { product: { sku } };
      },
    },
    { limits },
  );
  open.push(fixture);
  const call = (sku: string, timeout_ms = 20_000) =>
    fixture.inventory.getProduct({ sku }, { timeout_ms }).then(
      () => 'answered',
      (error) => error,
    );
  return { ...fixture, go, begun, call };
}

describe('when it has its hands full', () => {
  test('a call is refused at once, with a hint when to come again', async () => {
    const { target, call, begun, go } = await busyServer();
    const answers = [call('a')];
    await eventually(() => expect(begun).toEqual(['a']));
    answers.push(call('b'));
    const bytes = (value: Buffer) => value;
    const definition = {
      GetProduct: {
        path: '/assent.inventory.v1.InventoryService/GetProduct',
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    };
    const Raw = makeGenericClientConstructor(definition, 'Raw');
    const raw = new Raw(target, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
    open.push({ close: () => raw.close() });
    const error = await eventually(async () => {
      const refused = await new Promise<ServiceError | null>((resolve) => {
        raw.GetProduct!(Buffer.alloc(0), { deadline: Date.now() + 1_000 }, (failure: ServiceError | null) =>
          resolve(failure),
        );
      });
      expect(refused).toMatchObject({ code: 8, details: 'too much is under way' });
      return refused!;
    }, 20_000);
    expect(Number(error.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThanOrEqual(50);
    expect(error.metadata.get('grpc-status-details-bin')).toHaveLength(1);
    go.open();
    expect(await Promise.all(answers)).toEqual(['answered', 'answered']);
  });

  test('who waits and then gives up costs no work', async () => {
    const { call, begun, go } = await busyServer();
    const first = call('a');
    await eventually(() => expect(begun).toEqual(['a']));
    expect(await call('b', 200)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    go.open();
    expect(await first).toBe('answered');
    expect(await call('c')).toBe('answered');
    expect(begun).toEqual(['a', 'c']);
  });

  test('other methods, and health checks, get their answer', async () => {
    const { target, inventory, call, begun, go, server } = await busyServer();
    server.setServing(true);
    const answers = [call('a'), call('b')];
    await eventually(() => expect(begun).toEqual(['a']));
    await expect(inventory.listProducts({})).rejects.toMatchObject({ code: 'INTERNAL' });
    const Health = makeGenericClientConstructor(healthDefinition, 'Health');
    const health = new Health(target, credentials.createInsecure());
    open.push({ close: () => health.close() });
    const status = await new Promise((resolve) => {
      health.check!({ service: '' }, (_: unknown, response: { status: string }) => resolve(response.status));
    });
    expect(status).toBe('SERVING');
    go.open();
    expect(await Promise.all(answers)).toEqual(['answered', 'answered']);
  });

  test('what is urgent comes in, and knows that the rest had better wait', async () => {
    const go = gate();
    const seen: (number | undefined)[] = [];
    const execute = async function* (_: unknown, { putOff_ms }: { putOff_ms?: number | undefined }) {
      seen.push(putOff_ms);
      await go.passed;
      yield { outcomes: [] };
    };
    const load = {
      weight: ({ calls }: { calls: readonly unknown[] }) => calls.length,
      isUrgent: ({ calls }: { calls: readonly unknown[] }) => calls.length === 2,
    };
    const service = implement(ParticipantService, { execute }, { execute: load });
    const fixture = await startFixture({}, { services: [service], limits: one, log: errorLog().log });
    open.push(fixture);
    const ask = async (count: number) => {
      for await (const _ of fixture.participant.execute({ calls: Array(count).fill({}) }));
    };
    const answers = [ask(1)];
    await eventually(() => expect(seen).toEqual([undefined]));
    answers.push(ask(2));
    await eventually(() => expect(seen).toEqual([undefined, expect.any(Number)]));
    go.open();
    await Promise.all(answers);
  });
});

test('what it takes on and refuses is shown', async () => {
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  open.push(metrics);
  const { call, begun, go, close } = await busyServer({ concurrency: { initial: 1, min: 1, queue: 0 } });
  const scrape = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  const first = call('a');
  await eventually(() => expect(begun).toEqual(['a']));
  expect(await call('b', 200)).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED' });
  const method = 'method="assent.inventory.v1.InventoryService/GetProduct"';
  const text = await scrape();
  expect(text).toContain(`assent_overload_limit{${method}} 1\n`);
  expect(text).toContain(`assent_overload_in_flight{${method}} 1\n`);
  expect(text).toMatch(new RegExp(`assent_overload_refused_total{${method},reason="OVERLOADED"} [1-9]`));
  expect(text).toMatch(/assent_event_loop_lag_seconds \d/);
  expect(text).toMatch(/assent_event_loop_utilization \d/);
  expect(text).toMatch(/assent_gc_pause_seconds_total \d/);
  go.open();
  await first;
  close();
  await eventually(async () => expect(await scrape()).not.toContain(`assent_overload_limit{${method}}`));
});

test('a server without limits takes on whatever comes', async () => {
  const { call, begun, go } = await busyServer({ concurrency: false });
  const answers = Array.from({ length: 50 }, (_, index) => call(`${index}`));
  await eventually(() => expect(begun).toHaveLength(50));
  go.open();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['answered']));
});
