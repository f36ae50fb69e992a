// A shop in which one thread does everything, a step of this and a step of that in turn: what it answers and what it
// leaves is right by construction. Each generator is somebody at work; at each `yield` others may come between.
import type { Line, Operation, Outcome } from '../../history/line.ts';
import { transactionKey } from '../history.ts';
import { checkoutBranches, type Mode, newTables, type OrderRow, type Tables, type TransactionRow } from './tables.ts';
import { transactionsOn, type Work } from './transactions.ts';

export interface ShopRun {
  readonly lines: Line[];
  readonly tables: Tables;
}

const price = 250;
const skus = ['tea', 'mug', 'pot'];
const names = ['ann', 'bob', 'cat'];
const modes: readonly Mode[] = ['SAGA', 'TCC', 'TWO_PHASE'];

/** `random` gives numbers in [0, 1) and decides everything. */
export function runShop(scope: string, orders: number, random: () => number): ShopRun {
  const lines: Line[] = [];
  const tables = newTables();
  const placed: OrderRow[] = [];
  const keys = new Map<string, TransactionRow>();
  const crew: Work[] = [];
  let now = 1_000_000;
  let operations = 0;

  const tick = () => {
    now = Math.round((now + 0.001 + random() * 300) * 1000) / 1000;
    return now;
  };
  const chance = (share: number) => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const uuid = () =>
    `00000000-0000-7000-8000-${Array.from({ length: 12 }, () => Math.floor(random() * 16).toString(16)).join('')}`;
  const sku = () => `${scope}-${pick(skus)}`;
  const account = () => `${scope}-${pick(names)}`;

  function invoke(operation: Operation): (outcome: Outcome) => void {
    const id = ++operations;
    lines.push({ type: 'invoke', id, client: id, time: tick(), operation });
    return (outcome) => lines.push({ id, time: tick(), ...outcome });
  }

  function* supply(operation: Operation, effect: () => void): Work {
    const complete = invoke(operation);
    yield;
    effect();
    yield;
    complete(chance(0.9) ? { type: 'ok', output: {} } : { type: 'unknown', error: 'lost' });
  }

  function restock(name: string, quantity: number): Work {
    const key = uuid();
    return supply({ op: 'restock', sku: name, quantity, key }, () => tables.restock(name, quantity, key));
  }

  function deposit(name: string, amount: number): Work {
    const key = uuid();
    return supply({ op: 'deposit', accountId: name, amount, key }, () => tables.post(name, 'DEPOSIT', amount, { key }));
  }

  const { checkout, cancelling } = transactionsOn(tables, random);

  const seen = ({ order_id, status, total, rejection_code }: OrderRow) => ({
    orderId: order_id,
    status,
    total,
    ...(rejection_code !== null && { rejection: rejection_code }),
  });

  /** Waits for a transaction; sometimes the answer is lost, or the client goes before there is one. */
  function* answer(transaction: TransactionRow, order: OrderRow, complete: (outcome: Outcome) => void): Work {
    while (!['COMMITTED', 'ABORTED'].includes(transaction.state)) {
      if (chance(0.01)) return complete({ type: 'unknown', error: 'gone' });
      yield;
    }
    if (chance(0.1)) return;
    yield;
    const output = seen(order);
    yield;
    complete({ type: 'ok', output });
  }

  function* place(operation: Extract<Operation, { op: 'place' }>): Work {
    const complete = invoke(operation);
    yield;
    // Never arrived.
    if (chance(0.03)) return complete({ type: 'unknown', error: 'lost' });
    const { accountId, mode, lines: wanted, key } = operation;
    const name = transactionKey(accountId, key);
    let transaction = keys.get(name);
    if (!transaction) {
      const id = uuid();
      const total = wanted.reduce((sum, { quantity }) => sum + quantity * price, 0);
      const created: OrderRow = {
        order_id: id,
        account_id: accountId,
        mode: mode as Mode,
        status: 'PENDING',
        lines: wanted,
        total,
        rejection_code: null,
      };
      const kind = ({ SAGA: 'COMPENSATABLE', TCC: 'RESERVED', TWO_PHASE: 'PREPARED' } as const)[created.mode];
      transaction = {
        transaction_id: id,
        state: 'RUNNING',
        idempotency_key: name,
        branches: checkoutBranches(kind, created),
      };
      keys.set(name, transaction);
      crew.push(checkout(transaction, created));
    }
    const id = transaction.transaction_id;
    let order: OrderRow | undefined;
    while (!order) {
      yield;
      order = tables.orders.find(({ order_id }) => order_id === id);
    }
    if (!placed.includes(order)) placed.push(order);
    yield* answer(transaction, order, complete);
  }

  function* cancel(order: OrderRow): Work {
    const complete = invoke({ op: 'cancel', orderId: order.order_id });
    yield;
    const key = `cancel:${order.order_id}:0`;
    let transaction = keys.get(key);
    if (order.status !== 'CONFIRMED' && !transaction) return complete({ type: 'unknown', error: '409' });
    if (!transaction) {
      transaction = { transaction_id: uuid(), state: 'COMMITTING', idempotency_key: key, branches: [] };
      keys.set(key, transaction);
      crew.push(cancelling(transaction, order));
      order.status = 'CANCELLING';
    }
    yield* answer(transaction, order, complete);
  }

  function* read(operation: Operation, look: () => Outcome): Work {
    const complete = invoke(operation);
    yield;
    const outcome = look();
    yield;
    complete(outcome);
  }

  function someone(): Work {
    const order = pick(placed);
    const what = random();
    const [name, owner] = [sku(), account()];
    if (what < 0.08) return restock(name, 1 + Math.floor(random() * 4));
    if (what < 0.16) return deposit(owner, price * Math.floor(1 + random() * 4));
    if (what < 0.26)
      return read({ op: 'getProduct', sku: name }, () => ({ type: 'ok', output: tables.seeProduct(name) }));
    if (what < 0.36)
      return read({ op: 'getAccount', accountId: owner }, () => ({ type: 'ok', output: tables.seeAccount(owner) }));
    if (what < 0.48 && order) return cancel(order);
    if (what < 0.7 && order)
      return read({ op: 'getOrder', orderId: order.order_id }, () => ({ type: 'ok', output: seen(order) }));
    const lines = [...new Set([sku(), sku()])].map((one) => ({ sku: one, quantity: 1 + Math.floor(random() * 2) }));
    const operation = { op: 'place', key: uuid(), accountId: owner, mode: pick(modes), lines } as const;
    if (chance(0.2)) crew.push(place(operation));
    return place(operation);
  }

  const finish = () => {
    for (; crew.length > 0; ) {
      const one = pick(crew);
      if (one.next().done) crew.splice(crew.indexOf(one), 1);
    }
  };

  lines.push({ type: 'begin', version: 1, scope, time: now });
  for (const one of skus.map((name) => `${scope}-${name}`)) {
    crew.push(supply({ op: 'createProduct', sku: one, price, currency: 'EUR' }, () => tables.addProduct(one, price)));
    finish();
    crew.push(restock(one, 6));
  }
  for (const one of names.map((name) => `${scope}-${name}`)) {
    crew.push(supply({ op: 'createAccount', accountId: one, currency: 'EUR' }, () => tables.addAccount(one)));
    finish();
    crew.push(deposit(one, 8 * price));
  }
  finish();
  for (let count = 0; count < orders; ) {
    if (crew.length < 8 && chance(0.2)) {
      crew.push(someone());
      count += 1;
    }
    const one = crew.length > 0 ? pick(crew) : undefined;
    if (one?.next().done) crew.splice(crew.indexOf(one), 1);
  }
  finish();
  lines.push({ type: 'end', time: tick(), operations });
  return { lines, tables };
}
