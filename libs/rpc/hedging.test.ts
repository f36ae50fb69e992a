import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { InventoryService } from '@assent/protos';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import { eventually } from '@assent/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Call } from './call.ts';
import { connect } from './client.ts';
import { RpcError } from './errors.ts';
import { hedgeBudget } from './hedging.ts';
import type { Client } from './methods.ts';
import { gate, startFixture } from './testing/fixture.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Hedged {
  readonly inventory: Client<InventoryServiceHandlers>;
  /** Made since the budget was earned. */
  readonly attempts: Call[];
}

/** A client that hedges after a moment and has earned to do so; `answer` is for the calls from then on. */
async function hedged(answer: (attempt: number, call: Call) => Promise<object>): Promise<Hedged> {
  const attempts: Call[] = [];
  let isEarned = false;
  const handle = (_request: unknown, call: Call) =>
    isEarned ? answer(attempts.push(call), call) : Promise.resolve({});
  const { target, close } = await startFixture({ getProduct: handle, restockProduct: handle });
  const methodConfig = [{ name: [{}], hedgingPolicy: { hedgingDelay: '0.2s' } }];
  const inventory = connect(InventoryService, { target, serviceConfig: { methodConfig } });
  closing.push(close, inventory.close);
  // Enough for some of them to be hedged themselves on a busy machine.
  for (let call = 0; call < 150; call++) await inventory.getProduct({});
  isEarned = true;
  return { inventory, attempts };
}

/** Waits until the call is cancelled. */
async function cancelled({ signal }: Call): Promise<object> {
  if (!signal.aborted) await once(signal, 'abort');
  return {};
}

const named = (name: string) => ({ product: { name } });

describe('a read that takes long', () => {
  test('is tried a second time; the first answer counts, and the other attempt is cancelled', async () => {
    const { inventory, attempts } = await hedged(async (attempt, call) =>
      attempt === 1 ? cancelled(call) : named('second'),
    );
    expect(await inventory.getProduct({})).toMatchObject(named('second'));
    await eventually(() => expect(attempts[0]?.signal.aborted).toBe(true));
    expect(attempts).toHaveLength(2);
    expect(attempts[1]?.metadata.get('grpc-previous-rpc-attempts')).toEqual(['1']);
  });

  test('is tried once when it is for a call that is a second attempt itself', async () => {
    const { inventory, attempts } = await hedged(async (attempt, call) => {
      if (attempt === 1) return cancelled(call);
      if (attempt === 2) return inventory.getProduct({}, { parent: call });
      await sleep(700);
      return named('third');
    });
    expect(await inventory.getProduct({}, { timeout_ms: 60_000 })).toMatchObject(named('third'));
    expect(attempts).toHaveLength(3);
  });

  test('may be answered by its first attempt nevertheless', async () => {
    const second = gate();
    const { inventory, attempts } = await hedged(async (attempt, call) => {
      if (attempt === 2) second.open();
      await (attempt === 1 ? second.passed : cancelled(call));
      return named('first');
    });
    expect(await inventory.getProduct({})).toMatchObject(named('first'));
    await eventually(() => expect(attempts[1]?.signal.aborted).toBe(true));
  });

  test('is told no by whichever attempt says so first', async () => {
    const { inventory } = await hedged(async (attempt, call) => {
      if (attempt === 1) return cancelled(call);
      throw new RpcError('NOT_FOUND', 'no such product');
    });
    await expect(inventory.getProduct({})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('waits for the first attempt when the second is shed, and there is no other soon', async () => {
    const shed = gate();
    const { inventory, attempts } = await hedged(async (attempt) => {
      if (attempt === 2) {
        setTimeout(shed.open, 20);
        throw new RpcError('RESOURCE_EXHAUSTED', 'busy', { retryDelay_ms: 10 });
      }
      await (attempt === 1 ? shed.passed : sleep(500));
      return named('first');
    });
    expect(await inventory.getProduct({})).toMatchObject(named('first'));
    await inventory.getProduct({});
    expect(attempts).toHaveLength(3);
  });

  test('is cancelled with both attempts', async () => {
    const aborter = new AbortController();
    const { inventory, attempts } = await hedged(async (attempt, call) => {
      if (attempt === 2) aborter.abort();
      return cancelled(call);
    });
    await expect(inventory.getProduct({}, { signal: aborter.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await eventually(() => expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true]));
  });
});

test('a read that nobody answers is tried again when half of its time is gone', async () => {
  let attempts = 0;
  const { inventory, close } = await startFixture({
    getProduct: async (_request, call) => (++attempts === 1 ? cancelled(call) : named('second')),
  });
  closing.push(close);
  // Nothing is known of what is usual, so it isn't hedged.
  expect(await inventory.getProduct({}, { timeout_ms: 4_000 })).toMatchObject(named('second'));
  expect(attempts).toBe(2);
});

test('it is tried at another endpoint', async () => {
  const visits: string[] = [];
  const replica = (name: string) =>
    startFixture({
      getProduct(_request, call) {
        visits.push(name);
        return call.metadata.get('grpc-previous-rpc-attempts').length === 0 ? cancelled(call) : Promise.resolve({});
      },
    });
  const replicas = await Promise.all([replica('one'), replica('other')]);
  for (const { close } of replicas) closing.push(close);
  // Left alone it would go by the key, to the same endpoint.
  const serviceConfig = { loadBalancingConfig: [{ consistent_hash: { ejection: false, health: false } }] };
  const target = `static:///${replicas.map((one) => one.target).join()}`;
  const inventory = connect(InventoryService, { target, serviceConfig });
  closing.push(inventory.close);
  // At first only one of them may be connected.
  await eventually(async () => {
    visits.length = 0;
    await inventory.getProduct({}, { timeout_ms: 4_000, metadata: { 'assent-hash-key': 'tea' } });
    expect(new Set(visits).size).toBe(2);
  });
});

test('a read that is not to be tried again is tried once, however long it takes', async () => {
  let attempts = 0;
  const { target, close } = await startFixture({
    getProduct: async (_request, call) => {
      attempts += 1;
      return cancelled(call);
    },
  });
  const methodConfig = [{ name: [{}], retryPolicy: { maxAttempts: 1 } }];
  const inventory = connect(InventoryService, { target, serviceConfig: { methodConfig } });
  closing.push(close, inventory.close);
  const call = inventory.getProduct({}, { timeout_ms: 2_000 });
  await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(attempts).toBe(1);
});

test('what has side effects is not hedged', async () => {
  const { inventory, attempts } = await hedged(async () => {
    await sleep(500);
    return {};
  });
  await inventory.restockProduct({});
  expect(attempts).toHaveLength(1);
});

describe('the budget of hedging', () => {
  test('lets no more than one of twenty calls be hedged, and ten at once', () => {
    const calls = fc.array(fc.boolean(), { minLength: 1, maxLength: 2_000 });
    fc.assert(
      fc.property(calls, (slow) => {
        const budget = hedgeBudget();
        let hedges = 0;
        for (const [index, isSlow] of slow.entries()) {
          budget.called();
          if (isSlow && budget.take()) hedges++;
          expect(hedges).toBeLessThanOrEqual((index + 1) * 0.05 + 1e-6);
        }
      }),
    );
  });

  test('is gone for 120 calls when a server pushes back', () => {
    const budget = hedgeBudget();
    for (let call = 0; call < 1_000; call++) budget.called();
    budget.pushedBack();
    for (let call = 0; call < 119; call++) {
      budget.called();
      expect(budget.take()).toBe(false);
    }
    for (let call = 0; call < 2; call++) budget.called();
    expect(budget.take()).toBe(true);
  });
});
