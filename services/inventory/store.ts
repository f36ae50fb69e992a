// All SQL of the inventory.

import type { Page } from '@assent/messages';
import type { Money } from '@assent/money';
import type { Sql } from '@assent/postgres';
import type { Level } from './stock.ts';

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: Money;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly sold: bigint;
}

export type ProductPage = Pick<Page, 'after' | 'size'>;

/** HELD: set aside until the order is decided. RELEASED: given back. */
export type ReservationState = 'HELD' | 'SOLD' | 'RELEASED';

/** So many of a product, for one order. */
export interface Piece {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface Reservation extends Piece {
  readonly state: ReservationState;
  readonly createdAt: Date;
}

/** Adds a product without stock; false when there is one with this SKU. */
export async function insertProduct(
  sql: Sql,
  { sku, name, price }: Pick<Product, 'sku' | 'name' | 'price'>,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `WITH added AS (
       INSERT INTO products (sku, name, currency, price) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING sku
     )
     INSERT INTO stock (sku) SELECT sku FROM added`,
    [sku, name, price.currency, price.amount],
  );
  return rowCount === 1;
}

/** Those that exist. */
export async function getProducts(sql: Sql, skus: readonly string[]): Promise<Product[]> {
  const { rows } = await sql.query<ProductRow>(`${selectProducts} WHERE sku = ANY($1)`, [skus]);
  return rows.map(toProduct);
}

/** By SKU. One more than fits the page. */
export async function listProducts(sql: Sql, { after, size }: ProductPage): Promise<Product[]> {
  const { rows } = await sql.query<ProductRow>(`${selectProducts} WHERE sku > $1 ORDER BY sku LIMIT $2`, [
    after ?? '',
    size + 1,
  ]);
  return rows.map(toProduct);
}

/** Which shard this database is; undefined when it has never been used. */
export async function readNumber(sql: Sql): Promise<number | undefined> {
  const { rows } = await sql.query<{ number: number }>('SELECT number FROM shard');
  return rows[0]?.number;
}

/** Makes a database that has never been used this shard. Throws when it has become another in the meantime. */
export async function writeNumber(sql: Sql, number: number): Promise<void> {
  await sql.query('INSERT INTO shard (number) VALUES ($1) ON CONFLICT DO NOTHING', [number]);
  if ((await readNumber(sql)) !== number) throw new Error(`the database has just become another shard than ${number}`);
}

/**
 * Where a product is to be made, asked of the first database: where somebody was told before or, if nobody was, in `shard`.
 * (A product without a home is in the first database, from the time when there was no other.)
 */
export async function claimHome(first: Sql, sku: string, shard: number): Promise<number> {
  const { rows } = await first.query<{ shard: number }>(
    `INSERT INTO homes (sku, shard) SELECT $1, coalesce((SELECT 0 FROM products WHERE sku = $1), $2)
     ON CONFLICT (sku) DO UPDATE SET shard = homes.shard RETURNING shard`,
    [sku, shard],
  );
  return rows[0]?.shard as number;
}

/** Whether any of the products, or any product at all, is in a shard from `shards` on; asked of the first database. */
export async function isAnyHomeBeyond(first: Sql, shards: number, skus?: readonly string[]): Promise<boolean> {
  const { rowCount } = await (skus
    ? first.query('SELECT FROM homes WHERE sku = ANY($2) AND shard >= $1 LIMIT 1', [shards, skus])
    : first.query('SELECT FROM homes WHERE shard >= $1 LIMIT 1', [shards]));
  return rowCount > 0;
}

/** Newest first. One more than fits the page. */
export async function listReservations(sql: Sql, sku: string, { after, size }: Page): Promise<Reservation[]> {
  const { rows } = await sql.query<ReservationRow>(
    `SELECT order_id, sku, quantity, state, created_at FROM reservations
     WHERE sku = $1 AND order_id < $2 ORDER BY order_id DESC LIMIT $3`,
    [sku, after ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', size + 1],
  );
  return rows.map(({ order_id, created_at, ...row }) => ({ ...row, orderId: order_id, createdAt: created_at }));
}

/** Adds to the stock of a product, once for each idempotency key; false when the key has been used or there is no such product. */
export async function restock(sql: Sql, sku: string, quantity: bigint, idempotencyKey: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `WITH locked AS (
       SELECT sku FROM stock WHERE sku = $1 FOR UPDATE
     ), added AS (
       INSERT INTO restocks (sku, idempotency_key, quantity) SELECT sku, $3, $2 FROM locked
       ON CONFLICT DO NOTHING RETURNING sku, quantity
     )
     UPDATE stock s SET available = s.available + a.quantity, stocked = s.stocked + a.quantity
     FROM added a WHERE s.sku = a.sku`,
    [sku, quantity, idempotencyKey],
  );
  return rowCount === 1;
}

/** How many an idempotency key has added. */
export async function restocked(sql: Sql, sku: string, idempotencyKey: string): Promise<bigint | undefined> {
  const { rows } = await sql.query<{ quantity: bigint }>(
    'SELECT quantity FROM restocks WHERE sku = $1 AND idempotency_key = $2',
    [sku, idempotencyKey],
  );
  return rows[0]?.quantity;
}

/** What there is of products, locked in the order of their SKUs until the database transaction ends. */
export async function lockStock(sql: Sql, skus: readonly string[]): Promise<Map<string, Level>> {
  const { rows } = await sql.query<{ sku: string; available: bigint; price: bigint; currency: string }>(
    `SELECT sku, s.available, p.price, p.currency FROM stock s JOIN products p USING (sku)
     WHERE sku = ANY($1) ORDER BY sku FOR UPDATE OF s`,
    [skus],
  );
  return new Map(
    rows.map(({ sku, available, price, currency }) => [sku, { available, price: { amount: price, currency } }]),
  );
}

/** Takes pieces out of stock that is locked and has them. */
export async function takeStock(sql: Sql, pieces: readonly Piece[], state: 'HELD' | 'SOLD'): Promise<void> {
  await sql.query(
    `WITH piece AS (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS piece (order_id, sku, quantity)
     ), taken AS (
       UPDATE stock s SET available = s.available - t.quantity, ${columns[state]} = s.${columns[state]} + t.quantity
       FROM (SELECT sku, sum(quantity) AS quantity FROM piece GROUP BY sku) t WHERE s.sku = t.sku
     )
     INSERT INTO reservations (order_id, sku, quantity, state) SELECT order_id, sku, quantity, '${state}' FROM piece`,
    [pieces.map(({ orderId }) => orderId), pieces.map(({ sku }) => sku), pieces.map(({ quantity }) => quantity)],
  );
}

/**
 * Moves pieces that orders have taken from one state to another, and the stock with them. Throws when one of them is not
 * in the state that it should be in.
 */
export async function moveStock(
  sql: Sql,
  pieces: readonly Pick<Piece, 'orderId' | 'sku'>[],
  from: 'HELD' | 'SOLD',
  to: 'SOLD' | 'RELEASED',
): Promise<void> {
  const { rows } = await sql.query<{ moved: bigint }>(
    `WITH moved AS (
       UPDATE reservations r SET state = '${to}'
       FROM unnest($1::uuid[], $2::text[]) AS piece (order_id, sku)
       WHERE r.sku = piece.sku AND r.order_id = piece.order_id AND r.state = '${from}'
       RETURNING r.sku, r.quantity
     ), change AS (
       SELECT sku, sum(quantity) AS quantity FROM moved GROUP BY sku
     ), locked AS (
       SELECT sku FROM stock WHERE sku = ANY($2) ORDER BY sku FOR UPDATE
     ), changed AS (
       UPDATE stock s SET ${columns[from]} = s.${columns[from]} - c.quantity, ${columns[to]} = s.${columns[to]} + c.quantity
       FROM locked JOIN change c USING (sku) WHERE s.sku = locked.sku
     )
     SELECT count(*) AS moved FROM moved`,
    [pieces.map(({ orderId }) => orderId), pieces.map(({ sku }) => sku)],
  );
  const moved = Number(rows[0]?.moved);
  if (moved !== pieces.length) throw new Error(`${moved} of ${pieces.length} reservations were ${from}`);
}

/** Where stock in a state is counted. */
const columns = { HELD: 'reserved', SOLD: 'sold', RELEASED: 'available' } as const;

const selectProducts =
  'SELECT sku, p.name, p.currency, p.price, s.available, s.reserved, s.sold FROM products p JOIN stock s USING (sku)';

interface ProductRow {
  sku: string;
  name: string;
  currency: string;
  price: bigint;
  available: bigint;
  reserved: bigint;
  sold: bigint;
}

interface ReservationRow {
  order_id: string;
  sku: string;
  quantity: number;
  state: ReservationState;
  created_at: Date;
}

function toProduct({ currency, price, ...row }: ProductRow): Product {
  return { ...row, price: { amount: price, currency } };
}
