import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { InventoryService } from '@assent/protos';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import { type Client, connect, implement, type RpcError, type RpcServer, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inventoryService } from './rpc.ts';
import { createShards } from './shards.ts';

let database: Database;
let server: RpcServer;
let inventory: Client<InventoryServiceHandlers>;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'inventory', directory: join(import.meta.dirname, 'migrations') }]);
  const log = createLogger({ service: 'test', level: 'silent' });
  const services = [implement(InventoryService, inventoryService(createShards({ databases: [database] })))];
  server = await serve({ host: '127.0.0.1', port: 0, services, log });
  inventory = connect(InventoryService, { target: `127.0.0.1:${server.port}` });
});
afterAll(async () => {
  inventory?.close();
  server?.close();
  await database?.close();
});

const price = { amount: '250', currency: 'EUR' };
const tea = { sku: 'tea', name: 'Tea', price };

beforeEach(async () => {
  await database.query('TRUNCATE products, stock, restocks, reservations, homes');
  await inventory.createProduct(tea);
});

/** All that is stored. */
async function everything(): Promise<unknown> {
  const tables = ['products', 'stock', 'restocks', 'reservations'];
  return Promise.all(tables.map(async (table) => (await database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows));
}

const nastyIds = [
  '',
  "'; DROP TABLE stock; --",
  '"',
  'a\0b',
  '\ud800',
  'é',
  '../tea',
  'x'.repeat(65),
  'x'.repeat(10_240),
];
const nastyKeys = ['', 'a\0b', '\ud800', 'é', 'x'.repeat(201), 'x'.repeat(10_240)];
const notFound = { code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND' };

describe('a bad request names the field, and changes nothing', () => {
  const bad: [string, () => Promise<unknown>][] = [
    ...nastyIds.flatMap((sku): [string, () => Promise<unknown>][] => [
      ['sku', () => inventory.getProduct({ sku })],
      ['sku', () => inventory.createProduct({ ...tea, sku })],
      ['sku', () => inventory.restockProduct({ sku, quantity: 1, idempotencyKey: 'k' })],
      ['sku', () => inventory.listReservations({ sku })],
      ['skus[1]', () => inventory.batchGetProducts({ skus: ['tea', sku] })],
    ]),
    ...nastyKeys.map((idempotencyKey): [string, () => Promise<unknown>] => [
      'idempotencyKey',
      () => inventory.restockProduct({ sku: 'tea', quantity: 1, idempotencyKey }),
    ]),
    ...[0, -1, 1_000_000_001, '9223372036854775807', '-9223372036854775808'].map(
      (quantity): [string, () => Promise<unknown>] => [
        'quantity',
        () => inventory.restockProduct({ sku: 'tea', quantity, idempotencyKey: 'k' }),
      ],
    ),
    ...['', 'x'.repeat(201), 'a\0b', 'a\nb'].map((name): [string, () => Promise<unknown>] => [
      'name',
      () => inventory.createProduct({ sku: 'cup', name, price }),
    ]),
    ['price', () => inventory.createProduct({ sku: 'cup', name: 'Cup' })],
    [
      'price.amount',
      () => inventory.createProduct({ sku: 'cup', name: 'Cup', price: { amount: -1, currency: 'EUR' } }),
    ],
    [
      'price.currency',
      () => inventory.createProduct({ sku: 'cup', name: 'Cup', price: { amount: 1, currency: 'eur' } }),
    ],
    ['skus', () => inventory.batchGetProducts({ skus: [] })],
    ['skus', () => inventory.batchGetProducts({ skus: Array.from({ length: 1001 }, () => 'tea') })],
    ['pageSize', () => inventory.listProducts({ pageSize: -1 })],
    ['pageSize', () => inventory.listReservations({ sku: 'tea', pageSize: 1001 })],
    ...['x', '\0', 'x'.repeat(10_240)].flatMap((pageToken): [string, () => Promise<unknown>][] => [
      ['pageToken', () => inventory.listProducts({ pageToken })],
      ['pageToken', () => inventory.listReservations({ sku: 'tea', pageToken })],
    ]),
  ];
  test.each(bad)('%s', async (field, call) => {
    const before = await everything();
    const error = await call().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field, description: expect.any(String) }] });
    expect((error as RpcError).message.length).toBeLessThan(300);
    expect(await everything()).toEqual(before);
  });
});

test('a product is created once', async () => {
  expect((await inventory.createProduct(tea)).product).toEqual({
    ...tea,
    available: '0',
    reserved: '0',
    sold: '0',
    shard: 0,
  });
  for (const other of [
    { ...tea, name: 'Coffee' },
    { ...tea, price: { amount: '251', currency: 'EUR' } },
    { ...tea, price: { amount: '250', currency: 'USD' } },
  ]) {
    await expect(inventory.createProduct(other)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'PRODUCT_EXISTS',
    });
  }
  expect((await inventory.getProduct({ sku: 'tea' })).product).toMatchObject(tea);
});

test.each(['__proto__', 'constructor', 'x'.repeat(64)])('%s is a product like any other', async (sku) => {
  await expect(inventory.getProduct({ sku })).rejects.toMatchObject(notFound);
  await inventory.createProduct({
    sku,
    name: 'O\'Neill "🎁"',
    price: { amount: '9223372036854775807', currency: 'EUR' },
  });
  await inventory.restockProduct({ sku, quantity: 7, idempotencyKey: 'k' });
  expect((await inventory.getProduct({ sku })).product).toEqual({
    sku,
    name: 'O\'Neill "🎁"',
    price: { amount: '9223372036854775807', currency: 'EUR' },
    available: '7',
    reserved: '0',
    sold: '0',
    shard: 0,
  });
});

test('a restock counts once, and its key is for nothing else', async () => {
  const restock = { sku: 'tea', quantity: 5, idempotencyKey: 'monday' };
  const answers = await Promise.all([1, 2, 3].map(() => inventory.restockProduct(restock)));
  expect(answers.map(({ product }) => product?.available)).toEqual(['5', '5', '5']);
  await expect(inventory.restockProduct({ ...restock, quantity: 6 })).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
    reason: 'IDEMPOTENCY_KEY_REUSED',
  });
  await expect(inventory.restockProduct({ ...restock, sku: 'rum' })).rejects.toMatchObject(notFound);
  expect((await inventory.getProduct({ sku: 'tea' })).product?.available).toBe('5');
});

test('stock that cannot be counted is refused', async () => {
  await database.query('UPDATE stock SET available = 9223372036854775807, stocked = 9223372036854775807');
  await expect(inventory.restockProduct({ sku: 'tea', quantity: 1, idempotencyKey: 'k' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [{ field: 'quantity' }],
  });
});

test('products are listed page by page', async () => {
  for (const sku of ['b', 'a', 'Z', 'c']) await inventory.createProduct({ ...tea, sku });
  const seen: string[][] = [];
  for (let pageToken = ''; seen.length === 0 || pageToken !== ''; ) {
    const page = await inventory.listProducts({ pageSize: 2, pageToken });
    seen.push(page.products.map(({ sku }) => sku));
    pageToken = page.nextPageToken;
  }
  expect(seen).toEqual([['Z', 'a'], ['b', 'c'], ['tea']]);
  const found = await inventory.batchGetProducts({ skus: ['c', 'tea', 'rum', 'c'] });
  expect(found.products.map(({ sku }) => sku).sort()).toEqual(['c', 'tea']);
});

test('reservations are listed newest first, page by page', async () => {
  const id = (i: number) => `019ab000-0000-7000-8000-00000000000${i}`;
  await database.query(
    `INSERT INTO reservations (sku, order_id, quantity, state) SELECT 'tea', unnest($1::uuid[]), 1, 'SOLD'`,
    [[2, 1, 3].map(id)],
  );
  const first = await inventory.listReservations({ sku: 'tea', pageSize: 2 });
  expect(first.reservations).toEqual(
    [3, 2].map((i) => ({ orderId: id(i), sku: 'tea', quantity: 1, state: 'SOLD', createTime: expect.anything() })),
  );
  const second = await inventory.listReservations({ sku: 'tea', pageToken: first.nextPageToken });
  expect([second.reservations.map(({ orderId }) => orderId), second.nextPageToken]).toEqual([[id(1)], '']);
  // Another product's list is no place for this token.
  await inventory.createProduct({ ...tea, sku: 'cup' });
  await expect(inventory.listReservations({ sku: 'cup', pageToken: first.nextPageToken })).rejects.toMatchObject({
    violations: [{ field: 'pageToken' }],
  });
  expect((await inventory.listReservations({ sku: 'cup' })).reservations).toEqual([]);
  await expect(inventory.listReservations({ sku: 'rum' })).rejects.toMatchObject(notFound);
});
