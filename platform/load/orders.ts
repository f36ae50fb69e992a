import type { NewOrder } from '../api.ts';
import type { Shop } from './shop.ts';

export const modes = ['SAGA', 'TCC', 'TWO_PHASE'] as const;

export type Mode = (typeof modes)[number];

const mostLines = 3;
export const mostOfEach = 3;

/** An order of one to three products by any account; `random` gives numbers in [0, 1). */
export function randomOrder(shop: Shop, mode: Mode | 'mixed', random: () => number = Math.random): NewOrder {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const count = 1 + Math.floor(random() * mostLines);
  const skus = new Set(Array.from({ length: count }, () => pick(shop.skus)));
  return {
    accountId: pick(shop.accounts),
    lines: Array.from(skus, (sku) => ({ sku, quantity: 1 + Math.floor(random() * mostOfEach) })),
    mode: mode === 'mixed' ? pick(modes) : mode,
  };
}
