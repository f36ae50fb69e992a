import { randomUUID } from 'node:crypto';
import type { Api } from '../api.ts';

/** What a load test buys, and for whom. */
export interface Shop {
  readonly skus: readonly string[];
  readonly accounts: readonly string[];
}

export interface ShopSize {
  /** Names its products and accounts, which are made when they aren't there. */
  readonly prefix: string;
  readonly skus: number;
  readonly accounts: number;
  /** So much of each product is put in stock. */
  readonly quantity: number;
}

export const price_cents = 250;
const currency = 'EUR';
/** Enough for everything even if one account paid for it all. */
const deposit_cents = 1_000_000_000_000;
const concurrency = 16;

/** Stocks a shop with enough of everything that no order is rejected. */
export async function stockShop(api: Api, { prefix, quantity, ...counts }: ShopSize): Promise<Shop> {
  const names = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${kind}-${index}`);
  const shop = { skus: names('sku', counts.skus), accounts: names('account', counts.accounts) };
  const products = shop.skus.map((sku) => async () => {
    await api.createProduct({ sku, name: `Product ${sku}`, price: { amount: String(price_cents), currency } });
    await api.restockProduct(sku, quantity, randomUUID());
  });
  const accounts = shop.accounts.map((account) => async () => {
    await api.createAccount(account, currency);
    await api.depositMoney(account, { amount: String(deposit_cents), currency }, randomUUID());
  });
  await atMost(concurrency, [...products, ...accounts]);
  return shop;
}

async function atMost(limit: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const left = tasks[Symbol.iterator]();
  const worker = async () => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
