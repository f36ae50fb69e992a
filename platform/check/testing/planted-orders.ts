// Orders and answers that are wrong.
import type { Completion, Invoke } from '../../history/line.ts';
import { laws } from '../model/laws.ts';
import {
  accountOf,
  answered,
  answerTo,
  askLast,
  cancelled,
  confirmed,
  forget,
  invocations,
  rejected,
  remove,
} from './edits.ts';
import type { Planted } from './planted.ts';

export const orderFaults: readonly Planted[] = [
  {
    title: 'an order is lost',
    invariant: laws.answered.name,
    plant: (run) => {
      const order = confirmed(run);
      return order && remove(run.tables.orders, (one) => one === order)?.order_id;
    },
  },
  {
    title: 'an order that was told of is not found',
    invariant: laws.answered.name,
    plant: (run) => {
      const order = confirmed(run);
      if (!order) return undefined;
      askLast(run, { op: 'getOrder', orderId: order.order_id }, {});
      run.lines.splice(-2, 1, { ...(run.lines.at(-2) as Completion), type: 'fail', error: '404' } as Completion);
      return order.order_id;
    },
  },
  {
    title: 'a deposit is lost',
    invariant: laws.answered.name,
    plant: (run) => {
      const { entries } = run.tables;
      const deposit = invocations(run, 'deposit')
        .filter((one) => answerTo(run, one))
        .at(-1)?.operation;
      if (deposit?.op !== 'deposit') return undefined;
      const account = accountOf(run.tables, deposit.accountId);
      if (account.balance - deposit.amount < account.held) return undefined;
      account.balance -= deposit.amount;
      remove(entries, ({ idempotency_key }) => idempotency_key === deposit.key);
      return deposit.accountId;
    },
  },
  {
    title: 'money comes from nowhere',
    invariant: laws.asked.name,
    plant: ({ tables }) => {
      const { account_id } = tables.accounts[0]!;
      tables.post(account_id, 'DEPOSIT', 1, { key: 'nobody' });
      return account_id;
    },
  },
  {
    title: 'stock comes from nowhere',
    invariant: laws.asked.name,
    plant: ({ tables }) => {
      const { sku } = tables.stock[0]!;
      tables.restock(sku, 1, 'nobody');
      return sku;
    },
  },
  {
    title: 'an order is there that nobody has placed',
    invariant: laws.asked.name,
    plant: (run) => {
      const order = rejected(run);
      if (order) forget(run, ({ operation }) => operation.op === 'place' && operation.accountId === order.account_id);
      return order?.order_id;
    },
  },
  {
    title: 'an order is cancelled that nobody has cancelled',
    invariant: laws.asked.name,
    plant: (run) => {
      const order = cancelled(run);
      if (order) forget(run, ({ operation }) => operation.op === 'cancel');
      return order?.order_id;
    },
  },
  {
    title: 'an order that was refused is placed',
    invariant: laws.asked.name,
    plant: (run) => {
      const found = answered(run, 'place', ({ status }) => status === 'CONFIRMED');
      if (!found) return undefined;
      const { id, time } = found.answer;
      const keyOf = ({ operation }: Invoke) => (operation.op === 'place' ? operation.key : undefined);
      forget(run, (invoke) => invoke.id !== id && keyOf(invoke) === keyOf(found.invoke));
      const answer = run.lines.findIndex((line) => line.type === 'ok' && line.time === time);
      run.lines[answer] = {
        id: (run.lines[answer] as Completion).id,
        time,
        type: 'fail',
        error: '400 is not a product',
      };
      return found.order.order_id;
    },
  },
  {
    title: 'an order is another than was asked for',
    invariant: laws.same.name,
    plant: (run) => {
      const order = rejected(run);
      if (order) order.mode = order.mode === 'TCC' ? 'SAGA' : 'TCC';
      return order?.order_id;
    },
  },
  {
    title: 'a key answers with two orders',
    invariant: laws.key.name,
    plant: (run) => {
      const other = rejected(run);
      const found = answered(run, 'place', (order) => order.account_id === other?.account_id && order !== other);
      if (!other || !found || found.invoke.operation.op !== 'place') return undefined;
      const { operation } = found.invoke;
      askLast(run, operation, { ...found.answer.output, orderId: other.order_id });
      return found.order.order_id;
    },
  },
  {
    title: 'a key has begun two transactions',
    invariant: laws.key.name,
    plant: (run) => {
      const order = rejected(run);
      const first = run.tables.transactions.find(({ transaction_id }) => transaction_id === order?.order_id);
      if (!order || !first) return undefined;
      run.tables.transactions.push({ ...first, transaction_id: order.order_id.replace('-7000-', '-7001-') });
      return order.order_id;
    },
  },
  {
    title: 'an answer changes: CONFIRMED, and REJECTED in the end',
    invariant: laws.unchanged.name,
    plant: (run) => {
      const found = answered(run, 'place', ({ status }) => status === 'CONFIRMED');
      if (!found) return undefined;
      found.answer.output = { ...found.answer.output, status: 'REJECTED', rejection: 'OUT_OF_STOCK' };
      return found.order.order_id;
    },
  },
  {
    title: 'an order is resurrected: REJECTED, then CONFIRMED',
    invariant: laws.unchanged.name,
    plant: (run) => {
      const order = rejected(run);
      if (order)
        askLast(
          run,
          { op: 'getOrder', orderId: order.order_id },
          { orderId: order.order_id, status: 'CONFIRMED', total: order.total },
        );
      return order?.order_id;
    },
  },
  {
    title: 'a read of an order is stale',
    invariant: laws.unchanged.name,
    plant: (run) => {
      const order = answered(run, 'cancel', ({ status }) => status === 'CANCELLED')?.order;
      if (order)
        askLast(
          run,
          { op: 'getOrder', orderId: order.order_id },
          { orderId: order.order_id, status: 'CONFIRMED', total: order.total },
        );
      return order?.order_id;
    },
  },
];
