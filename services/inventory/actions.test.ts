import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Database, sqlState } from '@assent/postgres';
import { openTestDatabase } from '@assent/testing';
import type { HandledOperation, Json, Outcome } from '@assent/transactions/participant';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actions } from './actions.ts';
import { getProducts, insertProduct, listReservations, restock } from './store.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'inventory', directory: join(import.meta.dirname, 'migrations') }]);
});
afterAll(() => database?.close());

const price = { amount: 100n, currency: 'EUR' };
const skus = ['cup', 'pot', 'tea'];

beforeEach(async () => {
  await database.query('TRUNCATE products, stock, restocks, reservations');
  for (const sku of skus) {
    await insertProduct(database, { sku, name: sku, price });
    await restock(database, sku, 10n, 'first');
  }
});

interface Call {
  readonly transactionId: string;
  readonly payload: Json;
}

function order(quantities: Record<string, number>, transactionId: string = randomUUID()): Call {
  const lines = Object.entries(quantities).map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: { amount: '100', currency: 'EUR' },
  }));
  return { transactionId, payload: { lines } };
}

/** One batch, as the participant library would do it. */
function perform(name: string, operation: HandledOperation, ...calls: Call[]): Promise<readonly Outcome[]> {
  const action = actions.find((one) => one.name === name)!;
  return database.transaction((sql) =>
    action.handlers[operation]!(
      sql,
      calls.map(({ payload, ...call }) => ({ ...call, branch: 1, inputs: {}, payload: action.parse(payload) })),
    ),
  );
}

const reserve = (operation: HandledOperation, ...calls: Call[]) => perform('reserve', operation, ...calls);

/** What there is of each product: available, reserved, sold. */
async function stock(): Promise<Record<string, [bigint, bigint, bigint]>> {
  const products = await getProducts(database, skus);
  return Object.fromEntries(products.map(({ sku, available, reserved, sold }) => [sku, [available, reserved, sold]]));
}

async function states(sku: string): Promise<string[]> {
  const page = { size: 100, after: undefined, list: '' };
  return (await listReservations(database, sku, page)).map(({ state }) => state).sort();
}

const done = { type: 'done' };

describe('an order’s stock', () => {
  test('is sold at once by ACTION and PREPARE, and comes back by COMPENSATE', async () => {
    const [a, b] = [order({ cup: 2, tea: 1 }), order({ tea: 3 })];
    expect(await reserve('ACTION', a)).toEqual([done]);
    expect(await reserve('PREPARE', b)).toEqual([done]);
    expect(await stock()).toEqual({ cup: [8n, 0n, 2n], pot: [10n, 0n, 0n], tea: [6n, 0n, 4n] });
    expect(await reserve('COMPENSATE', a)).toEqual([done]);
    expect(await stock()).toEqual({ cup: [10n, 0n, 0n], pot: [10n, 0n, 0n], tea: [7n, 0n, 3n] });
    expect(await states('tea')).toEqual(['RELEASED', 'SOLD']);
  });

  test('is held by TRY, then sold by CONFIRM or given back by CANCEL', async () => {
    const [a, b, c] = [order({ cup: 2, tea: 1 }), order({ tea: 3 }), order({ tea: 2 })];
    expect(await reserve('TRY', a, b, c)).toEqual([done, done, done]);
    expect(await stock()).toEqual({ cup: [8n, 2n, 0n], pot: [10n, 0n, 0n], tea: [4n, 6n, 0n] });
    expect(await reserve('CONFIRM', c, a)).toEqual([done, done]);
    expect(await reserve('CANCEL', b)).toEqual([done]);
    expect(await stock()).toEqual({ cup: [8n, 0n, 2n], pot: [10n, 0n, 0n], tea: [7n, 0n, 3n] });
    expect(await states('tea')).toEqual(['RELEASED', 'SOLD', 'SOLD']);
  });

  test('comes back when a sold order is cancelled', async () => {
    const [a, b] = [order({ cup: 2, tea: 1 }), order({ tea: 3 })];
    await reserve('ACTION', a, b);
    const back = {
      transactionId: randomUUID(),
      payload: { orderId: a.transactionId, lines: [{ sku: 'tea' }, { sku: 'cup' }] },
    };
    expect(await perform('return', 'DELIVER', back)).toEqual([done]);
    expect(await stock()).toEqual({ cup: [10n, 0n, 0n], pot: [10n, 0n, 0n], tea: [7n, 0n, 3n] });
    // Something is wrong if it comes twice: nothing must happen then.
    await expect(perform('return', 'DELIVER', back)).rejects.toThrow('0 of 2 reservations were SOLD');
    expect(await stock()).toEqual({ cup: [10n, 0n, 0n], pot: [10n, 0n, 0n], tea: [7n, 0n, 3n] });
  });

  test('goes to whoever comes first, each with an answer of its own', async () => {
    const calls = [order({ tea: 6 }), order({ tea: 6 }), order({ rum: 1, cup: 1 }), order({ tea: 4, cup: 10 })];
    expect(await reserve('ACTION', ...calls)).toEqual([
      done,
      { type: 'rejected', code: 'OUT_OF_STOCK', message: '6 of tea wanted, 4 available' },
      { type: 'rejected', code: 'UNKNOWN_PRODUCT', message: 'there is no product rum' },
      done,
    ]);
    expect(await stock()).toEqual({ cup: [0n, 0n, 10n], pot: [10n, 0n, 0n], tea: [0n, 0n, 10n] });
    expect(await states('tea')).toEqual(['SOLD', 'SOLD']);
    expect(await states('rum')).toEqual([]);
  });

  test('is not sold at another price', async () => {
    await database.query(`UPDATE products SET price = 101 WHERE sku = 'tea'`);
    expect(await reserve('TRY', order({ tea: 1 }), order({ cup: 1 }))).toEqual([
      { type: 'rejected', code: 'PRICE_CHANGED', message: 'the price of tea has changed' },
      done,
    ]);
  });
});

test.each<[string, Json]>([
  ['nothing', null],
  ['no lines', { lines: [] }],
  ['a quantity of 0', order({ tea: 0 }).payload],
  ['a quantity of 1.5', order({ tea: 1.5 }).payload],
  [
    'a product twice',
    { lines: [1, 2].map((quantity) => ({ sku: 'tea', quantity, unitPrice: { amount: '100', currency: 'EUR' } })) },
  ],
  ['no price', { lines: [{ sku: 'tea', quantity: 1 }] }],
])('%s is no payload', (_, payload) => {
  expect(() => actions[0]?.parse(payload)).toThrow();
});

test('batches that overlap in any order neither wait in a circle nor sell too much', async () => {
  const shuffled = () => [...skus].sort(() => Math.random() - 0.5);
  const calls = Array.from({ length: 60 }, () => order(Object.fromEntries(shuffled().map((sku) => [sku, 1]))));
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const batch = calls.slice(10 * i, 10 * i + 10);
      const tried = await reserve('TRY', ...batch);
      const held = batch.filter((_call, j) => tried[j]?.type === 'done');
      if (held.length > 1) await Promise.all([reserve('CONFIRM', ...held.slice(1)), reserve('CANCEL', held[0]!)]);
      return held.length;
    }),
  );
  const held = outcomes.reduce((a, b) => a + b, 0);
  expect(held).toBeGreaterThanOrEqual(10);
  for (const [available, reserved, sold] of Object.values(await stock())) {
    expect(available + reserved + sold).toBe(10n);
    expect(reserved).toBeLessThanOrEqual(1n);
  }
});

test('whatever is done in whatever batches, nothing is lost and the reservations tell where it is', async () => {
  const wants = fc.array(
    fc.uniqueArray(fc.tuple(fc.constantFrom(...skus), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      selector: ([sku]) => sku,
    }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(wants, fc.boolean(), fc.integer({ min: 0, max: 6 }), async (wanted, tcc, undone) => {
      const batch = wanted.map((lines) => order(Object.fromEntries(lines)));
      const outcomes = await reserve(tcc ? 'TRY' : 'ACTION', ...batch);
      const taken = batch.filter((_, i) => outcomes[i]?.type === 'done');
      const [back, kept] = [taken.slice(0, undone), taken.slice(undone)];
      if (back.length > 0) await reserve(tcc ? 'CANCEL' : 'COMPENSATE', ...back);
      if (tcc && kept.length > 0) await reserve('CONFIRM', ...kept);
      const { rows } = await database.query(
        `SELECT sku FROM stock LEFT JOIN reservations r USING (sku) GROUP BY sku
         HAVING stock.stocked <> 10 OR stock.reserved <> coalesce(sum(quantity) FILTER (WHERE state = 'HELD'), 0)
           OR stock.sold <> coalesce(sum(quantity) FILTER (WHERE state = 'SOLD'), 0)`,
      );
      expect(rows).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('a restock counts once for each key, and not beyond what can be counted', async () => {
  expect(await restock(database, 'tea', 5n, 'first')).toBe(false);
  expect(await restock(database, 'tea', 5n, 'second')).toBe(true);
  expect(await Promise.all([1, 2, 3].map(() => restock(database, 'tea', 5n, 'third')))).toHaveLength(3);
  expect(await restock(database, 'rum', 5n, 'first')).toBe(false);
  expect((await stock()).tea).toEqual([20n, 0n, 0n]);
  const overflow = await restock(database, 'tea', 2n ** 63n - 1n, 'fourth').catch(sqlState);
  expect(overflow).toBe('22003');
  expect((await stock()).tea).toEqual([20n, 0n, 0n]);
});
