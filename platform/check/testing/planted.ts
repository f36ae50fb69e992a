// What can go wrong in a shop, done to what a run of it has left. Each returns what the checker must name, or undefined
// when the run has nothing to which it can be done.
import type { Completion, Invoke, Line, OrderSeen } from '../../history/line.ts';
import { laws } from '../model/laws.ts';
import type { ShopRun } from './shop.ts';
import type { OrderRow, Tables } from './tables.ts';

export interface Planted {
  readonly title: string;
  /** The name of the invariant that must be found broken. */
  readonly invariant: string;
  plant(run: ShopRun): string | undefined;
}

type Ok = Completion & { readonly type: 'ok'; output: OrderSeen };

const invocations = ({ lines }: ShopRun, op: string) =>
  lines.filter((line): line is Invoke => line.type === 'invoke' && line.operation.op === op);

const answerTo = ({ lines }: ShopRun, { id }: Invoke) =>
  lines.find((line): line is Ok => line.type === 'ok' && line.id === id);

/** The first answer of a kind, whose order is so in the end. */
function answered(run: ShopRun, op: string, isWanted: (order: OrderRow, seen: OrderSeen) => boolean) {
  for (const invoke of invocations(run, op)) {
    const answer = answerTo(run, invoke);
    const order = run.tables.orders.find(({ order_id }) => order_id === answer?.output.orderId);
    if (answer && order && isWanted(order, answer.output)) return { invoke, answer, order };
  }
  return undefined;
}

const ended = (status: OrderRow['status']) => (run: ShopRun) =>
  answered(run, 'place', (order) => order.status === status)?.order;
const confirmed = ended('CONFIRMED');
const rejected = ended('REJECTED');
const cancelled = ended('CANCELLED');

const accountOf = ({ accounts }: Tables, id: string) => accounts.find(({ account_id }) => account_id === id)!;
const stockOf = ({ stock }: Tables, name: string) => stock.find(({ sku }) => sku === name)!;

function remove<T>(list: T[], isWanted: (one: T) => boolean): T | undefined {
  const index = list.findIndex(isWanted);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

/** Somebody asks at the end, when all has been answered. */
function askLast({ lines }: ShopRun, operation: Invoke['operation'], output: object): void {
  const end = lines.pop() as Extract<Line, { type: 'end' }>;
  const id = end.operations + 1;
  lines.push({ type: 'invoke', id, client: 1, time: end.time, operation });
  lines.push({ type: 'ok', id, time: end.time + 1, output } as Completion);
  lines.push({ type: 'end', time: end.time + 2, operations: id });
}

/** Takes operations out of a history as if nobody had written them down. */
function forget(run: ShopRun, isForgotten: (invoke: Invoke) => boolean): void {
  const ids = new Map<number, number>();
  const kept = run.lines.filter((line) => {
    if (line.type === 'invoke' && !isForgotten(line)) ids.set(line.id, ids.size + 1);
    return 'id' in line ? ids.has(line.id) : true;
  });
  const renumbered = kept.map((line) => ({
    ...line,
    ...('id' in line && { id: ids.get(line.id) }),
    ...(line.type === 'end' && { operations: ids.size }),
  }));
  run.lines.splice(0, run.lines.length, ...(renumbered as Line[]));
}

const pays = (run: ShopRun, order: OrderRow, kind: string, change: number) => {
  const { entries } = run.tables;
  const account = accountOf(run.tables, order.account_id);
  if (account.balance + change < account.held) return false;
  account.balance += change;
  entries.push({
    account_id: order.account_id,
    entry_id: entries.length + 1,
    kind,
    amount: change,
    order_id: order.order_id,
    idempotency_key: null,
  });
  return true;
};

const unpays = (run: ShopRun, order: OrderRow, kind: string) => {
  const { entries } = run.tables;
  const account = accountOf(run.tables, order.account_id);
  const entry = entries.find((one) => one.order_id === order.order_id && one.kind === kind);
  if (!entry || account.balance - entry.amount < account.held) return false;
  account.balance -= entry.amount;
  remove(entries, (one) => one === entry);
  return true;
};

export const planted: readonly Planted[] = [
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
