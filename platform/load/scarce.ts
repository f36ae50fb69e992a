// Products and accounts on which orders fail: with little stock, with little money, in another currency, not there at all.
import { randomUUID } from 'node:crypto';
import type { Api, NewOrder } from '../api.ts';
import { price_cents } from './shop.ts';

/** Little of what everybody wants. */
export interface Scarce {
  /** Sets it up. */
  open(): Promise<void>;
  /** An order that may well be rejected: its stock or its money is scarce. */
  order(order: NewOrder, random: () => number): NewOrder;
  /** An order that is refused: there is no such product, or its prices are in another currency than the account. */
  wrong(order: NewOrder, random: () => number): NewOrder;
  /** Adds a little, so that some are confirmed. */
  supply(random: () => number): Promise<void>;
  /** What is scarce, to be read. */
  readonly sku: string;
  readonly account: string;
}

const little = 5;

export function scarceShop(api: Api, prefix: string): Scarce {
  const sku = `${prefix}-scarce`;
  const account = `${prefix}-poor`;
  const foreigner = `${prefix}-foreigner`;
  const restock = () => api.restockProduct(sku, little, randomUUID());
  const deposit = () =>
    api.depositMoney(account, { amount: String(little * price_cents), currency: 'EUR' }, randomUUID());
  return {
    sku,
    account,
    async open() {
      await api.createProduct({ sku, name: 'Scarce', price: { amount: String(price_cents), currency: 'EUR' } });
      await restock();
      await api.createAccount(account, 'EUR');
      await deposit();
      await api.createAccount(foreigner, 'USD');
    },
    order(order, random) {
      if (random() < 0.5) return { ...order, accountId: account };
      return { ...order, lines: [...order.lines.slice(0, 1), { sku, quantity: 1 }] };
    },
    wrong(order, random) {
      if (random() < 0.5) return { ...order, accountId: foreigner };
      return { ...order, lines: [{ sku: `${sku}-not`, quantity: 1 }] };
    },
    supply: (random) => (random() < 0.5 ? restock() : deposit()),
  };
}
