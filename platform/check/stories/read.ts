// What is known of each order, account and product, put together from the histories and the mirror of the databases. The
// database that holds the mirror joins and sorts; here one story at a time is in memory.
import type pg from 'pg';
import type { AccountStep } from '../model/account.ts';
import type { OrderStory } from '../model/order.ts';
import type { ProductStep } from '../model/product.ts';
import { accounts } from './accounts.ts';
import { orders } from './orders.ts';
import { products } from './products.ts';
import { tables } from './tables.ts';

/** How many rows come over at a time. */
const chunk = 2000;

/** All rows of a query, in a transaction. */
async function* rowsOf<T extends pg.QueryResultRow>(mirror: pg.Client, select: string): AsyncGenerator<T> {
  await mirror.query(`BEGIN; DECLARE stories NO SCROLL CURSOR FOR ${select}`);
  for (;;) {
    const { rows } = await mirror.query<T>(`FETCH ${chunk} FROM stories`);
    if (rows.length === 0) break;
    yield* rows;
  }
  await mirror.query('COMMIT');
}

/** Tables that several stories need. */
export async function prepareStories(mirror: pg.Client): Promise<void> {
  // Every story is read to its end.
  await mirror.query('SET cursor_tuple_fraction = 1; ANALYZE operations, scopes');
  for (const { table, select } of tables)
    await mirror.query(`CREATE TEMP TABLE ${table} AS ${select}; ANALYZE ${table}`);
}

export async function* orderStories(mirror: pg.Client): AsyncGenerator<OrderStory> {
  for await (const { story } of rowsOf<{ story: OrderStory }>(mirror, orders)) {
    yield { ...story, operations: story.operations.map(windowed) };
  }
}

export function accountStories(mirror: pg.Client): AsyncGenerator<[string, AccountStep[]]> {
  return grouped(rowsOf<StepRow<AccountStep>>(mirror, accounts));
}

export function productStories(mirror: pg.Client): AsyncGenerator<[string, ProductStep[]]> {
  return grouped(rowsOf<StepRow<ProductStep>>(mirror, products));
}

/** Of one, by SKU. */
export async function readPrices(mirror: pg.Client): Promise<Map<string, number>> {
  const { rows } = await mirror.query<{ sku: string; price: string }>(
    "SELECT sku, amount AS price FROM operations WHERE op = 'createProduct'",
  );
  return new Map(rows.map(({ sku, price }) => [sku, Number(price)]));
}

interface StepRow<T> {
  readonly subject: string;
  readonly step: T;
}

async function* grouped<T extends object>(rows: AsyncIterable<StepRow<T>>): AsyncGenerator<[string, T[]]> {
  let group: [string, T[]] | undefined;
  for await (const { subject, step } of rows) {
    if (group && group[0] !== subject) yield group;
    if (group?.[0] !== subject) group = [subject, []];
    group[1].push(windowed(step));
  }
  if (group) yield group;
}

/** JSON has no infinity: null stands for a time that isn't known. */
function windowed<T extends object>(step: T): T {
  const { lo, hi, back } = step as { lo?: number | null; hi?: number | null; back?: object };
  if (hi === undefined) return step;
  return { ...step, lo: lo ?? 0, hi: hi ?? Number.POSITIVE_INFINITY, ...(back && { back: windowed(back) }) };
}
