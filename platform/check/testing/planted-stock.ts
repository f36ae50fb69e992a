// Stock, money and transactions that are wrong.
import type { Invoke } from '../../history/line.ts';
import { laws } from '../model/laws.ts';
import {
  accountOf,
  answerTo,
  askLast,
  cancelled,
  confirmed,
  forget,
  invocations,
  pays,
  rejected,
  remove,
  stockOf,
  unpays,
} from './edits.ts';
import type { Planted } from './planted.ts';

export const stockAndMoneyFaults: readonly Planted[] = [
  {
    title: 'an order is charged twice',
    invariant: laws.paid.name,
    plant: (run) => {
      const order = confirmed(run);
      return order && pays(run, order, 'CHARGE', -order.total) ? order.account_id : undefined;
    },
  },
  {
    title: 'an order is half done: it has its stock and was never charged',
    invariant: laws.paid.name,
    plant: (run) => {
      const order = confirmed(run);
      return order && unpays(run, order, 'CHARGE') ? order.account_id : undefined;
    },
  },
  {
    title: 'an order is half done: it was charged and has no stock',
    invariant: laws.supplied.name,
    plant: (run) => {
      const order = confirmed(run);
      const piece = order && remove(run.tables.reservations, ({ order_id }) => order_id === order.order_id);
      if (!piece) return undefined;
      stockOf(run.tables, piece.sku).sold -= piece.quantity;
      stockOf(run.tables, piece.sku).available += piece.quantity;
      return piece.sku;
    },
  },
  {
    title: 'a refund is missing',
    invariant: laws.paid.name,
    plant: (run) => {
      const order = cancelled(run);
      return order && unpays(run, order, 'REFUND') ? order.account_id : undefined;
    },
  },
  {
    title: 'a rejected order is charged',
    invariant: laws.paid.name,
    plant: (run) => {
      const order = rejected(run);
      return order && pays(run, order, 'CHARGE', -order.total) ? order.account_id : undefined;
    },
  },
  {
    title: 'a read of an account is stale',
    invariant: laws.read.name,
    plant: (run) => {
      const account = run.tables.accounts.find(({ balance }) => balance !== 0);
      if (account) askLast(run, { op: 'getAccount', accountId: account.account_id }, { balance: 0, held: 0 });
      return account?.account_id;
    },
  },
  {
    title: 'a read of a product is stale',
    invariant: laws.read.name,
    plant: (run) => {
      const { sku } = run.tables.stock[0]!;
      askLast(run, { op: 'getProduct', sku }, { available: 0, reserved: 0, sold: 0 });
      return sku;
    },
  },
  {
    title: 'more is sold than there was: it came later',
    invariant: laws.stock.name,
    plant: (run) => {
      const { sku } = run.tables.restocks[0]!;
      const isLate = ({ operation }: Invoke) => operation.op === 'restock' && operation.sku === sku;
      const late = invocations(run, 'restock').filter(isLate);
      forget(run, isLate);
      for (const { operation } of late) askLast(run, operation, {});
      return sku;
    },
  },
  {
    title: 'an account pays with money that comes later',
    invariant: laws.funds.name,
    plant: ({ tables }) => {
      const { account_id } = tables.accounts[0]!;
      const own = tables.entries.filter((entry) => entry.account_id === account_id);
      const charge = own.find(({ kind }) => kind === 'CHARGE');
      if (!own[0] || !charge) return undefined;
      [own[0].entry_id, charge.entry_id] = [charge.entry_id, own[0].entry_id];
      return account_id;
    },
  },
  {
    title: 'a ledger is in another order than things were answered in',
    invariant: laws.time.name,
    plant: ({ tables }) => {
      const { account_id } = tables.accounts[0]!;
      const own = tables.entries.filter((entry) => entry.account_id === account_id && entry.kind === 'DEPOSIT');
      const [first, last] = [own[0], own.at(-1)];
      if (!first || !last || own.length < 3) return undefined;
      [first.entry_id, last.entry_id] = [last.entry_id, first.entry_id];
      return account_id;
    },
  },
  {
    title: 'an order is rejected for want of money that is there',
    invariant: laws.reason.name,
    plant: (run) => {
      const order = run.tables.orders.find(({ rejection_code }) => rejection_code === 'INSUFFICIENT_FUNDS');
      const entry = run.tables.entries.find(({ account_id }) => account_id === order?.account_id);
      const deposit = invocations(run, 'deposit').find(
        ({ operation }) => 'key' in operation && operation.key === entry?.idempotency_key,
      );
      if (!order || !entry || !deposit || !answerTo(run, deposit)) return undefined;
      const amount = entry.amount + 1_000_000;
      Object.assign(deposit, { operation: { ...deposit.operation, amount } });
      entry.amount = amount;
      accountOf(run.tables, order.account_id).balance += 1_000_000;
      return order.account_id;
    },
  },
  {
    title: 'an order is rejected for want of stock that is there',
    invariant: laws.reason.name,
    plant: (run) => {
      const order = run.tables.orders.find(
        ({ rejection_code, lines }) => rejection_code === 'OUT_OF_STOCK' && lines.length === 1,
      );
      const restock = run.tables.restocks.find(({ sku }) => sku === order?.lines[0]?.sku);
      const invoke = invocations(run, 'restock').find(
        ({ operation }) => 'key' in operation && operation.key === restock?.idempotency_key,
      );
      if (!order || !restock || !invoke || !answerTo(run, invoke)) return undefined;
      const quantity = restock.quantity + 1000;
      Object.assign(invoke, { operation: { ...invoke.operation, quantity } });
      restock.quantity = quantity;
      stockOf(run.tables, restock.sku).available += 1000;
      stockOf(run.tables, restock.sku).stocked += 1000;
      return order.order_id;
    },
  },
  {
    title: 'a transaction has not ended',
    invariant: 'every transaction ends',
    plant: (run) => {
      const open = run.tables.transactions.find(({ state }) => state === 'COMMITTED');
      if (open) open.state = 'COMMITTING';
      return open?.transaction_id;
    },
  },
];
