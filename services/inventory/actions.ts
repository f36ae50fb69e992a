// What the inventory does in transactions.
import { parseMoney } from '@assent/money';
import { type BranchCall, defineAction, type Handler } from '@assent/transactions/participant';
import { z } from 'zod';
import { sell } from './stock.ts';
import { lockStock, moveStock, type Piece, takeStock } from './store.ts';

const line = z.object({
  sku: z.string(),
  quantity: z.int().min(1).max(1_000_000),
  unitPrice: z.unknown().transform(parseMoney),
});
/** Where all of a call's products are. */
const shard = z.int().min(0).default(0);
const reservePayload = z.object({ shard, lines: z.array(line).min(1).max(100).refine(eachOnce) });
const returnPayload = z.object({
  shard,
  orderId: z.uuid(),
  lines: z
    .array(line.pick({ sku: true }))
    .min(1)
    .max(100)
    .refine(eachOnce),
});

type Reserve = z.infer<typeof reservePayload>;
type Return = z.infer<typeof returnPayload>;

/** Takes what an order wants. The order has the transaction's id. */
const reserve = defineAction<Reserve>({
  name: 'reserve',
  parse: (payload) => reservePayload.parse(payload),
  shard: (payload) => payload.shard,
  handlers: {
    ACTION: take('SOLD'),
    PREPARE: take('SOLD'),
    COMPENSATE: move('SOLD', 'RELEASED', piecesOf),
    TRY: take('HELD'),
    CONFIRM: move('HELD', 'SOLD', piecesOf),
    CANCEL: move('HELD', 'RELEASED', piecesOf),
  },
});

/** Takes back what a cancelled order had bought. */
const giveBack = defineAction<Return>({
  name: 'return',
  parse: (payload) => returnPayload.parse(payload),
  shard: (payload) => payload.shard,
  handlers: {
    DELIVER: move('SOLD', 'RELEASED', ({ payload: { orderId, lines } }) => lines.map(({ sku }) => ({ orderId, sku }))),
  },
});

export const actions = [reserve, giveBack];

function take(state: 'HELD' | 'SOLD'): Handler<Reserve> {
  return async (sql, calls) => {
    const orders = calls.map(({ payload }) => payload.lines);
    const stock = await lockStock(sql, [...new Set(orders.flat().map(({ sku }) => sku))]);
    const verdicts = sell(stock, orders);
    const pieces = calls.filter((_, i) => verdicts[i]?.type === 'done').flatMap(piecesOf);
    if (pieces.length > 0) await takeStock(sql, pieces, state);
    return verdicts;
  };
}

function piecesOf({ transactionId, payload }: BranchCall<Reserve>): Piece[] {
  return payload.lines.map(({ sku, quantity }) => ({ orderId: transactionId, sku, quantity }));
}

function move<P>(
  from: 'HELD' | 'SOLD',
  to: 'SOLD' | 'RELEASED',
  pieces: (call: BranchCall<P>) => Pick<Piece, 'orderId' | 'sku'>[],
): Handler<P> {
  return async (sql, calls) => {
    await moveStock(sql, calls.flatMap(pieces), from, to);
    return calls.map(() => ({ type: 'done' }));
  };
}

function eachOnce(lines: readonly { readonly sku: string }[]): boolean {
  return new Set(lines.map(({ sku }) => sku)).size === lines.length;
}
