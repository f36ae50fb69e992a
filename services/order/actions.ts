// What the orders do in transactions.
import { parseMoney } from '@assent/money';
import { type BranchCall, defineAction, type Handler, type Outcome } from '@assent/transactions/participant';
import { z } from 'zod';
import { aborted, modes, type Priced, type Status } from './order.ts';
import { insertOrders, moveOrders, rejectOrders } from './store.ts';

const money = z.unknown().transform(parseMoney);
const createPayload = z.object({
  accountId: z.string(),
  mode: z.enum(modes),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int(), unitPrice: money, shard: z.int().default(0) })),
  total: money,
});
const cancelPayload = z.object({ orderId: z.uuid() });

type Cancel = z.infer<typeof cancelPayload>;

/** Writes the order down. It gets the transaction's id. */
const create = defineAction<Priced>({
  name: 'create',
  parse: (payload) => createPayload.parse(payload),
  handlers: {
    async ACTION(sql, calls) {
      await insertOrders(
        sql,
        calls.map(({ transactionId, payload }) => ({ ...payload, orderId: transactionId })),
      );
      return calls.map(done);
    },
    async COMPENSATE(sql, calls) {
      await rejectOrders(
        sql,
        calls.map(({ transactionId, cause }) => ({ orderId: transactionId, rejection: cause ?? aborted })),
      );
      return calls.map(done);
    },
  },
});

const confirm = defineAction<unknown>({
  name: 'confirm',
  parse: (payload) => payload,
  handlers: { DELIVER: moveAll(({ transactionId }) => transactionId, 'PENDING', 'CONFIRMED') },
});

/** From here on the order is this cancellation's: whoever else wants to cancel it is refused. */
const beginCancel = defineAction<Cancel>({
  name: 'begin-cancel',
  parse: (payload) => cancelPayload.parse(payload),
  handlers: {
    async ACTION(sql, calls) {
      const moved = await moveOrders(sql, calls.map(cancelled), 'CONFIRMED', 'CANCELLING');
      // Two of a batch may want the same order: it is the first one's.
      return calls.map((call) => (moved.delete(cancelled(call)) ? done() : notConfirmed));
    },
    COMPENSATE: moveAll(cancelled, 'CANCELLING', 'CONFIRMED'),
  },
});

const finishCancel = defineAction<Cancel>({
  name: 'finish-cancel',
  parse: (payload) => cancelPayload.parse(payload),
  handlers: { DELIVER: moveAll(cancelled, 'CANCELLING', 'CANCELLED') },
});

export const actions = [create, confirm, beginCancel, finishCancel];

const notConfirmed: Outcome = {
  type: 'rejected',
  code: 'ORDER_NOT_CONFIRMED',
  message: 'only a confirmed order can be cancelled',
};

/** Takes the orders of all calls from one status to another, or fails: nothing but the same branch can have done it before. */
function moveAll<P>(orderId: (call: BranchCall<P>) => string, from: Status, to: Status): Handler<P> {
  return async (sql, calls) => {
    const moved = await moveOrders(sql, calls.map(orderId), from, to);
    if (moved.size !== calls.length) throw new Error(`${moved.size} of ${calls.length} orders were ${from}`);
    return calls.map(done);
  };
}

function cancelled({ payload }: BranchCall<Cancel>): string {
  return payload.orderId;
}

function done(): Outcome {
  return { type: 'done' };
}
