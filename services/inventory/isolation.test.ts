// Escrow in the stock, and the check of the price that an order was made with: what happens with them, and what would happen
// without them. See docs/isolation.md.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database, Sql } from '@assent/postgres';
import { openTestDatabase, overlap, patient } from '@assent/testing';
import type { HandledOperation, Outcome } from '@assent/transactions/participant';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actions } from './actions.ts';
import { sell } from './stock.ts';
import { getProducts, insertProduct, type Product, restock, takeStock } from './store.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase(
    [{ name: 'inventory', directory: join(import.meta.dirname, 'migrations') }],
    patient,
  );
});
afterAll(() => database?.close());

/** So many of a product for one order. */
interface Wanted {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
}

/** An operation for one order: as the service has it, or naively. */
type Step = (sql: Sql, wanted: Wanted) => Promise<Outcome>;

const done: Outcome = { type: 'done' };
const price = { amount: 100n, currency: 'EUR' };

/** As the service has it. */
function ofService(operation: HandledOperation): Step {
  const { parse, handlers } = actions.find(({ name }) => name === 'reserve')!;
  return async (sql, { orderId, sku, quantity }) => {
    const payload = parse({ lines: [{ sku, quantity, unitPrice: { amount: '100', currency: 'EUR' } }] });
    const [outcome] = await handlers[operation]!(sql, [{ transactionId: orderId, branch: 1, inputs: {}, payload }]);
    return outcome!;
  };
}

async function find(sql: Sql, sku: string): Promise<Product> {
  return (await getProducts(sql, [sku]))[0]!;
}

/** A new product, so many in stock. */
async function stocked(quantity: number): Promise<(quantity: number) => Wanted> {
  const sku = randomUUID();
  await insertProduct(database, { sku, name: sku, price });
  await restock(database, sku, BigInt(quantity), 'first');
  return (quantity) => ({ orderId: randomUUID(), sku, quantity });
}

/** Writes what there is, as somebody has worked it out who read it before. */
async function write(sql: Sql, sku: string, available: bigint, sold: bigint): Promise<void> {
  await sql.query('UPDATE stock SET available = $2, sold = $3 WHERE sku = $1', [sku, available, sold]);
}

async function note(sql: Sql, { orderId, sku, quantity }: Wanted, state: string): Promise<void> {
  await sql.query('INSERT INTO reservations (order_id, sku, quantity, state) VALUES ($1, $2, $3, $4)', [
    orderId,
    sku,
    quantity,
    state,
  ]);
}

/** How many orders have been promised, and what the stock says about it. */
async function tally(sku: string) {
  const { rows } = await database.query<{ promised: bigint }>(
    `SELECT coalesce(sum(quantity) FILTER (WHERE state <> 'RELEASED'), 0) AS promised FROM reservations WHERE sku = $1`,
    [sku],
  );
  const { available, reserved, sold } = await find(database, sku);
  return { promised: Number(rows[0]?.promised), available, taken: reserved + sold };
}

/** One after the other, each in a transaction of its own: the steps of sagas. */
const run = (step: Step, wanted: Wanted) => database.transaction((sql) => step(sql, wanted));

test('the last piece is sold once', async () => {
  const sellLastTwice = async (take: Step) => {
    const want = await stocked(1);
    const [a, b] = [want(1), want(1)];
    const answers = await overlap(
      database,
      (sql) => take(sql, a),
      (sql) => take(sql, b),
    );
    return { answers: answers.map(({ type }) => type), ...(await tally(a.sku)) };
  };
  /** Reads without a lock, and writes what it has worked out. */
  const naive: Step = async (sql, wanted) => {
    const product = await find(sql, wanted.sku);
    const left = product.available - BigInt(wanted.quantity);
    if (left < 0n) return { type: 'rejected', code: 'OUT_OF_STOCK', message: '' };
    await write(sql, wanted.sku, left, product.sold + BigInt(wanted.quantity));
    await note(sql, wanted, 'SOLD');
    return done;
  };

  for (const take of ['ACTION', 'TRY', 'PREPARE'] as const) {
    expect(await sellLastTwice(ofService(take))).toEqual({
      answers: ['done', 'rejected'],
      promised: 1,
      available: 0n,
      taken: 1n,
    });
  }
  expect(await sellLastTwice(naive)).toEqual({ answers: ['done', 'done'], promised: 2, available: 0n, taken: 1n });
});

test('undoing one order leaves alone what another has taken meanwhile, in whatever order they are undone', async () => {
  const undoTheFirst = async (take: Step, undo: Step) => {
    const want = await stocked(10);
    const [first, second] = [want(3), want(2)];
    await run(take, first);
    await run(take, second);
    await run(undo, first);
    return tally(first.sku);
  };
  /** Puts back what it has found before. */
  const before = new Map<string, Product>();
  const naive: Step = async (sql, wanted) => {
    before.set(wanted.orderId, await find(sql, wanted.sku));
    return ofService('ACTION')(sql, wanted);
  };
  const undoNaive: Step = async (sql, { orderId, sku }) => {
    const { available, sold } = before.get(orderId)!;
    await write(sql, sku, available, sold);
    await sql.query(`UPDATE reservations SET state = 'RELEASED' WHERE order_id = $1`, [orderId]);
    return done;
  };

  const kept = { promised: 2, available: 8n, taken: 2n };
  expect(await undoTheFirst(ofService('ACTION'), ofService('COMPENSATE'))).toEqual(kept);
  expect(await undoTheFirst(ofService('TRY'), ofService('CANCEL'))).toEqual(kept);
  expect(await undoTheFirst(naive, undoNaive)).toEqual({ promised: 2, available: 10n, taken: 0n });

  const want = await stocked(10);
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    const orders = [want(3), want(2), want(5)];
    for (const wanted of orders) await run(ofService('ACTION'), wanted);
    for (const i of order) await run(ofService('COMPENSATE'), orders[i]!);
    expect(await tally(orders[0]!.sku)).toEqual({ promised: 0, available: 10n, taken: 0n });
  }
});

test('what has been tried can be confirmed', async () => {
  const tryTwice = async (attempt: Step, confirm: Step) => {
    const want = await stocked(1);
    const orders = [want(1), want(1)];
    const granted: Wanted[] = [];
    for (const wanted of orders) if ((await run(attempt, wanted)).type === 'done') granted.push(wanted);
    // Decided: whoever was told yes must have it now.
    const confirmed = await Promise.allSettled(granted.map((wanted) => run(confirm, wanted)));
    return confirmed.map(({ status }) => status).sort();
  };
  /** Only looks whether there is enough, and takes it when the order is decided. */
  const naive: Step = async (sql, { sku, quantity }) =>
    (await find(sql, sku)).available < BigInt(quantity)
      ? { type: 'rejected', code: 'OUT_OF_STOCK', message: '' }
      : done;
  const takeNow: Step = async (sql, wanted) => {
    await takeStock(sql, [wanted], 'SOLD');
    return done;
  };

  expect(await tryTwice(ofService('TRY'), ofService('CONFIRM'))).toEqual(['fulfilled']);
  expect(await tryTwice(naive, takeNow)).toEqual(['fulfilled', 'rejected']);
});

test('nothing is sold at a price that it does not have any more', async () => {
  const sellAfterChange = async (take: Step) => {
    const wanted = (await stocked(1))(1);
    const quoted = (await find(database, wanted.sku)).price;
    await database.query('UPDATE products SET price = 120 WHERE sku = $1', [wanted.sku]);
    const answer = await run(take, wanted);
    const sale = answer.type === 'rejected' ? answer.code : `sold at ${quoted.amount}`;
    return `${sale}, costs ${(await find(database, wanted.sku)).price.amount}`;
  };
  /** Trusts the price that the order brings. */
  const naive: Step = async (sql, { sku, quantity, orderId }) => {
    const { available } = await find(sql, sku);
    const [verdict] = sell(new Map([[sku, { available, price }]]), [[{ sku, quantity, unitPrice: price }]]);
    if (verdict?.type === 'done') await takeStock(sql, [{ orderId, sku, quantity }], 'SOLD');
    return verdict!;
  };

  for (const take of ['ACTION', 'TRY', 'PREPARE'] as const) {
    expect(await sellAfterChange(ofService(take))).toBe('PRICE_CHANGED, costs 120');
  }
  expect(await sellAfterChange(naive)).toBe('sold at 100, costs 120');
});
