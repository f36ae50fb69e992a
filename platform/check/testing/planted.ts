// What can go wrong in a shop, done to what a run of it has left.
import { orderFaults } from './planted-orders.ts';
import { stockAndMoneyFaults } from './planted-stock.ts';
import type { ShopRun } from './shop.ts';

export interface Planted {
  readonly title: string;
  /** The name of the invariant that must be found broken. */
  readonly invariant: string;
  /** Returns what the checker must name, or undefined when the run has nothing to which it can be done. */
  plant(run: ShopRun): string | undefined;
}

export const planted: readonly Planted[] = [...orderFaults, ...stockAndMoneyFaults];
