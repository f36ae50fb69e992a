// What the payments do in transactions.
import { parseMoney } from '@assent/money';
import { type BranchCall, defineAction, type Handler } from '@assent/transactions/participant';
import { z } from 'zod';
import { pay } from './ledger.ts';
import { lockAccounts, type Posting, post } from './store.ts';

const amount = z
  .unknown()
  .transform(parseMoney)
  .refine((money) => money.amount >= 0n, 'must not be negative');
const chargePayload = z.object({ accountId: z.string(), amount });
const refundPayload = z.object({ orderId: z.uuid(), accountId: z.string(), amount });

type Charge = z.infer<typeof chargePayload>;
type Refund = z.infer<typeof refundPayload>;

/** What a call changes, apart from the account and the order that it is for. */
type Change<P> = (call: BranchCall<P>) => Posting;

/** Pays for an order. The order has the transaction's id. */
const charge = defineAction<Charge>({
  name: 'charge',
  parse: (payload) => chargePayload.parse(payload),
  handlers: {
    ACTION: payFirst(charged),
    PREPARE: payFirst(charged),
    COMPENSATE: change((call) => refunded(call.transactionId, call.payload)),
    TRY: payFirst((call) => ({ ...ofOrder(call), held: call.payload.amount.amount })),
    CONFIRM: change((call) => ({ ...charged(call), held: -call.payload.amount.amount })),
    CANCEL: change((call) => ({ ...ofOrder(call), held: -call.payload.amount.amount })),
  },
});

/** Pays back what a cancelled order had cost. */
const refund = defineAction<Refund>({
  name: 'refund',
  parse: (payload) => refundPayload.parse(payload),
  handlers: { DELIVER: change(({ payload }) => refunded(payload.orderId, payload)) },
});

export const actions = [charge, refund];

/** Makes the changes of those calls whose accounts can pay. */
function payFirst(changeOf: Change<Charge>): Handler<Charge> {
  return async (sql, calls) => {
    const charges = calls.map(({ payload }) => payload);
    const accounts = await lockAccounts(sql, [...new Set(charges.map(({ accountId }) => accountId))]);
    const verdicts = pay(accounts, charges);
    const paid = calls.filter((_, i) => verdicts[i]?.type === 'done');
    if (paid.length > 0) await post(sql, paid.map(changeOf));
    return verdicts;
  };
}

function change<P>(changeOf: Change<P>): Handler<P> {
  return async (sql, calls) => {
    await post(sql, calls.map(changeOf));
    return calls.map(() => ({ type: 'done' }));
  };
}

function charged(call: BranchCall<Charge>): Posting {
  return { ...ofOrder(call), entry: { kind: 'CHARGE', amount: -call.payload.amount.amount } };
}

function refunded(orderId: string, { accountId, amount }: Charge): Posting {
  return { accountId, orderId, entry: { kind: 'REFUND', amount: amount.amount } };
}

function ofOrder({ transactionId, payload }: BranchCall<Charge>): Posting {
  return { accountId: payload.accountId, orderId: transactionId };
}
