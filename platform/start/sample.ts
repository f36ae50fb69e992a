import { randomUUID } from 'node:crypto';
import type { Api, NewOrder } from '../api.ts';
import type { SampleOrder } from './events.ts';

/** When stock is in two databases, each of these orders takes from both. */
const samples: readonly NewOrder[] = [
  {
    mode: 'SAGA',
    accountId: 'alice',
    lines: [
      { sku: 'moka-pot', quantity: 1 },
      { sku: 'mug', quantity: 2 },
    ],
  },
  {
    mode: 'TCC',
    accountId: 'bob',
    lines: [
      { sku: 'green-tea', quantity: 2 },
      { sku: 'tea-pot', quantity: 1 },
    ],
  },
  {
    mode: 'TWO_PHASE',
    accountId: 'carol',
    lines: [
      { sku: 'hand-grinder', quantity: 1 },
      { sku: 'mug', quantity: 1 },
    ],
  },
];

/** Places one order in each mode, one after the other, and tells of each what became of it. */
export async function placeSamples(api: Api, tell: (order: Omit<SampleOrder, 'type'>) => void) {
  for (const order of samples) {
    const begun_ms = performance.now();
    const { orderId, status, rejection, total } = await api.placeOrder(order, randomUUID());
    tell({
      mode: order.mode,
      orderId,
      status,
      ...(rejection ? { reason: rejection.code } : {}),
      what: `${order.accountId} buys ${order.lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')}`,
      ...(total ? { total } : {}),
      latency_ms: Math.round(performance.now() - begun_ms),
    });
  }
}
