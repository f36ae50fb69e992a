// What one arrival at the shop does: it places an order, and as the mix says more than that.
import { randomUUID } from 'node:crypto';
import type { Order } from '../api.ts';
import type { History } from '../history/write.ts';
import { type Asked, type Customer, outcomeOf, type Placed } from './customer.ts';
import type { Mix } from './mix.ts';
import { perform, type Sent } from './operations.ts';
import { type Mode, randomOrder } from './orders.ts';
import type { Scarce } from './scarce.ts';
import type { Shop } from './shop.ts';

export interface Visits {
  readonly customer: Customer;
  readonly history: History | undefined;
  readonly shop: Shop;
  readonly scarce: Scarce;
  readonly mode: Mode | 'mixed';
  readonly mix: Mix;
  readonly random?: () => number;
}

/** Orders that are remembered to be read and cancelled. */
const remembered = 500;
const hotSkus = 2;

/** Returns what does one arrival: `onPlaced` hears of its order as soon as that is answered; it resolves when all else is. */
export function visits({ customer, history, shop, scarce, mode, mix, random = Math.random }: Visits) {
  const orders: string[] = [];
  const idle: number[] = [];
  let clients = 0;

  /** Does it as a client who has nothing else to do. */
  async function ask(operation: Sent): Promise<Asked> {
    const client = idle.pop() ?? ++clients;
    const asked = await perform(customer, history, client, operation);
    idle.push(client);
    return asked;
  }

  const happens = (share: number) => share > 0 && random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  function order() {
    const plain = randomOrder(shop, mode, random);
    if (happens(mix.reject)) return scarce.order(plain, random);
    return happens(mix.hot) ? { ...plain, lines: [{ sku: pick(shop.skus.slice(0, hotSkus)), quantity: 1 }] } : plain;
  }

  function remember({ status, body }: Asked): void {
    if (status !== 201) return;
    const { orderId } = body as Order;
    if (orders.length < remembered) orders.push(orderId);
    else orders[Math.floor(random() * remembered)] = orderId;
  }

  function read(): Sent {
    const what = random();
    const orderId = pick(orders);
    if (what < 0.6 && orderId) return { op: 'getOrder', orderId };
    if (what < 0.8) return { op: 'getProduct', sku: happens(0.5) ? scarce.sku : pick(shop.skus) };
    return { op: 'getAccount', accountId: happens(0.5) ? scarce.account : pick(shop.accounts) };
  }

  /** One or two clients at a time. */
  const twice = async (operation: Sent) => {
    await Promise.all(happens(0.3) ? [ask(operation), ask(operation)] : [ask(operation)]);
  };

  return async (onPlaced: (placed: Placed) => void): Promise<void> => {
    const wanted = order();
    const place = { op: 'place', key: randomUUID(), ...wanted } as const;
    const replayed = happens(mix.replay);
    const together = replayed && happens(0.5) ? ask(place) : undefined;
    const placed = await ask(place);
    onPlaced({ outcome: outcomeOf(placed), retries: placed.retries });
    await together;
    remember(placed);
    if (replayed && !together) await ask(place);
    if (happens(mix.cancel) && orders.length > 0) await twice({ op: 'cancel', orderId: pick(orders) });
    if (happens(mix.read)) await ask(read());
    // What is still not there in the end is an order's bad luck.
    if (happens(mix.reject / 4)) await scarce.supply(random).catch(() => {});
    if (happens(mix.reject / 4)) await ask({ op: 'place', key: randomUUID(), ...scarce.wrong(wanted, random) });
  };
}
