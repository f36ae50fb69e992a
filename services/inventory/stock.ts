// What can be sold: the rules of the stock, without a database.
import { type Money, sameMoney } from '@assent/money';

/** A part of an order: so many of a product, at the price that the order was made with. */
export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

/** What there is of a product. */
export interface Level {
  readonly available: bigint;
  readonly price: Money;
}

export type Refusal = 'UNKNOWN_PRODUCT' | 'PRICE_CHANGED' | 'OUT_OF_STOCK';

export type Verdict =
  | { readonly type: 'done' }
  | { readonly type: 'rejected'; readonly code: Refusal; readonly message: string };

/**
 * Says which orders can have their lines, all of them or none: one after the other, so that an earlier order takes what
 * a later one then can't have. An order names a product once.
 */
export function sell(stock: ReadonlyMap<string, Level>, orders: readonly (readonly Line[])[]): Verdict[] {
  const left = new Map(stock);
  return orders.map((lines) => {
    for (const line of lines) {
      const verdict = judge(left.get(line.sku), line);
      if (verdict.type === 'rejected') return verdict;
    }
    for (const { sku, quantity } of lines) {
      const level = left.get(sku) as Level;
      left.set(sku, { ...level, available: level.available - BigInt(quantity) });
    }
    return { type: 'done' };
  });
}

function judge(level: Level | undefined, { sku, quantity, unitPrice }: Line): Verdict {
  if (!level) return rejected('UNKNOWN_PRODUCT', `there is no product ${sku}`);
  if (!sameMoney(level.price, unitPrice)) return rejected('PRICE_CHANGED', `the price of ${sku} has changed`);
  if (level.available < BigInt(quantity)) {
    return rejected('OUT_OF_STOCK', `${quantity} of ${sku} wanted, ${level.available} available`);
  }
  return { type: 'done' };
}

function rejected(code: Refusal, message: string): Verdict {
  return { type: 'rejected', code, message };
}
