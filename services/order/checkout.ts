// The transactions of the shop: which branches they have.
import { formatMoney, type MoneyMessage } from '@assent/money';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { Line, Mode, Order, Priced } from './order.ts';

/** A line as payloads and the database carry it. */
export type LineMessage = { sku: string; quantity: number; unitPrice: MoneyMessage };

/** The kind of the branches that take stock and money. It is all that the modes differ in. */
const kinds = { SAGA: 'COMPENSATABLE', TCC: 'RESERVED', TWO_PHASE: 'PREPARED' } as const satisfies Record<Mode, string>;

/**
 * Places an order: takes its stock and its money, or neither. The order gets the transaction's id.
 *
 * Prepared branches keep their locks until the decision, so two orders could wait for each other in two databases, where
 * nobody sees the deadlock. They therefore lock in the same order everywhere: the account, then the stock, which more
 * people want, and for a shorter time. The other kinds keep no locks and go side by side.
 */
export function checkout({ accountId, mode, lines, total }: Priced): BranchInput[] {
  const kind = kinds[mode];
  const wanted = { accountId, mode, lines: lines.map(lineMessage), total: formatMoney(total) };
  return [
    branch('create', 'order', 'create', 'COMPENSATABLE', [], wanted),
    branch('reserve', 'inventory', 'reserve', kind, [kind === 'PREPARED' ? 'charge' : 'create'], {
      lines: wanted.lines,
    }),
    branch('charge', 'payment', 'charge', kind, ['create'], { accountId, amount: wanted.total }),
    branch('confirm', 'order', 'confirm', 'RETRIABLE', ['reserve', 'charge'], {}),
  ];
}

/** Cancels an order: once it is marked, nothing can say no any more. */
export function cancellation({ orderId, accountId, lines, total }: Order): BranchInput[] {
  const skus = lines.map(({ sku }) => ({ sku }));
  return [
    branch('begin', 'order', 'begin-cancel', 'COMPENSATABLE', [], { orderId }),
    branch('return', 'inventory', 'return', 'RETRIABLE', ['begin'], { orderId, lines: skus }),
    branch('refund', 'payment', 'refund', 'RETRIABLE', ['begin'], { orderId, accountId, amount: formatMoney(total) }),
    branch('finish', 'order', 'finish-cancel', 'RETRIABLE', ['return', 'refund'], { orderId }),
  ];
}

export function lineMessage({ sku, quantity, unitPrice }: Line): LineMessage {
  return { sku, quantity, unitPrice: formatMoney(unitPrice) };
}

function branch(
  name: string,
  participant: string,
  action: string,
  kind: 'COMPENSATABLE' | 'RESERVED' | 'PREPARED' | 'RETRIABLE',
  after: string[],
  payload: object,
): BranchInput {
  return { name, participant, action, kind, after, payload: JSON.stringify(payload) };
}
