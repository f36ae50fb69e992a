// Edits of what a run of the shop has left.
import type { Completion, Invoke, Line, OrderSeen } from '../../history/line.ts';
import type { ShopRun } from './shop.ts';
import type { OrderRow, Tables } from './tables.ts';

type Ok = Completion & { readonly type: 'ok'; output: OrderSeen };

export const invocations = ({ lines }: ShopRun, op: string) =>
  lines.filter((line): line is Invoke => line.type === 'invoke' && line.operation.op === op);

export const answerTo = ({ lines }: ShopRun, { id }: Invoke) =>
  lines.find((line): line is Ok => line.type === 'ok' && line.id === id);

/** The first answer of a kind, whose order is so in the end. */
export function answered(run: ShopRun, op: string, isWanted: (order: OrderRow, seen: OrderSeen) => boolean) {
  for (const invoke of invocations(run, op)) {
    const answer = answerTo(run, invoke);
    const order = run.tables.orders.find(({ order_id }) => order_id === answer?.output.orderId);
    if (answer && order && isWanted(order, answer.output)) return { invoke, answer, order };
  }
  return undefined;
}

const ended = (status: OrderRow['status']) => (run: ShopRun) =>
  answered(run, 'place', (order) => order.status === status)?.order;
export const confirmed = ended('CONFIRMED');
export const rejected = ended('REJECTED');
export const cancelled = ended('CANCELLED');

export const accountOf = ({ accounts }: Tables, id: string) => accounts.find(({ account_id }) => account_id === id)!;
export const stockOf = ({ stock }: Tables, name: string) => stock.find(({ sku }) => sku === name)!;

export function remove<T>(list: T[], isWanted: (one: T) => boolean): T | undefined {
  const index = list.findIndex(isWanted);
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

/** Somebody asks at the end, when all has been answered. */
export function askLast({ lines }: ShopRun, operation: Invoke['operation'], output: object): void {
  const end = lines.pop() as Extract<Line, { type: 'end' }>;
  const id = end.operations + 1;
  lines.push({ type: 'invoke', id, client: 1, time: end.time, operation });
  lines.push({ type: 'ok', id, time: end.time + 1, output } as Completion);
  lines.push({ type: 'end', time: end.time + 2, operations: id });
}

/** Takes operations out of a history as if nobody had written them down. */
export function forget(run: ShopRun, isForgotten: (invoke: Invoke) => boolean): void {
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

export const pays = (run: ShopRun, order: OrderRow, kind: string, change: number) => {
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

export const unpays = (run: ShopRun, order: OrderRow, kind: string) => {
  const { entries } = run.tables;
  const account = accountOf(run.tables, order.account_id);
  const entry = entries.find((one) => one.order_id === order.order_id && one.kind === kind);
  if (!entry || account.balance - entry.amount < account.held) return false;
  account.balance -= entry.amount;
  remove(entries, (one) => one === entry);
  return true;
};
