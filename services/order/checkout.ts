// The transactions of the shop: which branches they have.
import { formatMoney, type MoneyMessage } from '@assent/money';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { Line, Mode, Order, Priced } from './order.ts';

/** A line as payloads and the database carry it. */
export type LineMessage = {
  sku: string;
  quantity: number;
  unitPrice: MoneyMessage;
  /** 0 without it. */
  shard?: number;
};

/** The kind of the branches that take stock and money. It is all that the modes differ in. */
const kinds = { SAGA: 'COMPENSATABLE', TCC: 'RESERVED', TWO_PHASE: 'PREPARED' } as const satisfies Record<Mode, string>;

/**
 * Places an order: takes its stock and its money, or neither. The order gets the transaction's id.
 *
 * Stock is in as many databases as its products are, and each has a branch of its own.
 *
 * Prepared branches keep their locks until the decision, so two orders could wait for each other in two databases, where
 * nobody sees the deadlock. They therefore lock in the same order everywhere: the account, then the stock, which more
 * people want, and for a shorter time, shard by shard. The other kinds keep no locks and go side by side.
 */
export function checkout({ accountId, mode, lines, total }: Priced): BranchInput[] {
  const kind = kinds[mode];
  const wanted = { accountId, mode, lines: lines.map(lineMessage), total: formatMoney(total) };
  const shards = byShard(lines);
  const names = shards.map(({ suffix }) => `reserve${suffix}`);
  const reserves = shards.map(({ shard, lines }, i) => {
    const after = kind === 'PREPARED' ? (names[i - 1] ?? 'charge') : 'create';
    return branch(names[i]!, 'inventory', 'reserve', kind, [after], { ...shard, lines: lines.map(lineMessage) });
  });
  return [
    branch('create', 'order', 'create', 'COMPENSATABLE', [], wanted),
    ...reserves,
    branch('charge', 'payment', 'charge', kind, ['create'], { accountId, amount: wanted.total }),
    branch('confirm', 'order', 'confirm', 'RETRIABLE', [...names, 'charge'], {}),
  ];
}

/** Cancels an order: once it is marked, nothing can say no any more. */
export function cancellation({ orderId, accountId, lines, total }: Order): BranchInput[] {
  const returns = byShard(lines).map(({ suffix, shard, lines }) => {
    const payload = { ...shard, orderId, lines: lines.map(({ sku }) => ({ sku })) };
    return branch(`return${suffix}`, 'inventory', 'return', 'RETRIABLE', ['begin'], payload);
  });
  const names = returns.map(({ name = '' }) => name);
  return [
    branch('begin', 'order', 'begin-cancel', 'COMPENSATABLE', [], { orderId }),
    ...returns,
    branch('refund', 'payment', 'refund', 'RETRIABLE', ['begin'], { orderId, accountId, amount: formatMoney(total) }),
    branch('finish', 'order', 'finish-cancel', 'RETRIABLE', [...names, 'refund'], { orderId }),
  ];
}

export function lineMessage({ sku, quantity, unitPrice, shard }: Line): LineMessage {
  return { sku, quantity, unitPrice: formatMoney(unitPrice), ...inShard(shard) };
}

/** Lines by the shard that they are in, in the order of the shards, with what that adds to names and payloads. */
function byShard(lines: readonly Line[]) {
  const groups = [...Map.groupBy(lines, ({ shard }) => shard)].sort(([a], [b]) => a - b);
  return groups.map(([shard, lines]) => ({ suffix: shard > 0 ? `-${shard}` : '', shard: inShard(shard), lines }));
}

/** The first one goes without saying. */
function inShard(shard: number): { shard?: number } {
  return shard > 0 ? { shard } : {};
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
