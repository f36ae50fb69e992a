// The tables of the services, as far as they are checked.
export type Mode = 'SAGA' | 'TCC' | 'TWO_PHASE';

export interface OrderRow {
  order_id: string;
  account_id: string;
  mode: Mode;
  status: 'PENDING' | 'CONFIRMED' | 'REJECTED' | 'CANCELLING' | 'CANCELLED';
  lines: readonly { readonly sku: string; readonly quantity: number }[];
  total: number;
  rejection_code: string | null;
}

export interface TransactionRow {
  transaction_id: string;
  state: 'RUNNING' | 'COMMITTING' | 'ABORTING' | 'COMMITTED' | 'ABORTED';
  idempotency_key: string;
  branches: Branch[];
}

export interface Branch {
  readonly name: string;
  readonly participant: string;
  readonly action: string;
  readonly kind: string;
  readonly payload: Payload;
}

export interface Payload {
  readonly orderId?: string;
  readonly accountId: string;
  readonly amount: number;
  readonly lines: OrderRow['lines'];
}

interface BarrierRow {
  transaction_id: string;
  branch: number;
  phase: 1 | 2;
  operation: string;
  outcome: string;
}

export type Tables = ReturnType<typeof newTables>;

export function checkoutBranches(kind: string, { account_id, total, lines }: OrderRow): Branch[] {
  const payload = { accountId: account_id, amount: total, lines };
  return [
    { name: 'create', participant: 'order', action: 'create', kind: 'COMPENSATABLE', payload },
    { name: 'reserve', participant: 'inventory', action: 'reserve', kind, payload },
    { name: 'charge', participant: 'payment', action: 'charge', kind, payload },
    { name: 'confirm', participant: 'order', action: 'confirm', kind: 'RETRIABLE', payload },
  ];
}

function cancelBranches({ order_id, account_id, total, lines }: OrderRow): Branch[] {
  const payload = { orderId: order_id, accountId: account_id, amount: total, lines };
  const branch = (participant: string, action: string, kind = 'RETRIABLE') => ({
    name: action,
    participant,
    action,
    kind,
    payload,
  });
  return [
    branch('order', 'begin-cancel', 'COMPENSATABLE'),
    branch('inventory', 'return'),
    branch('payment', 'refund'),
    branch('order', 'finish-cancel'),
  ];
}

export function newTables() {
  const accounts: { account_id: string; currency: string; balance: number; held: number }[] = [];
  const products: { sku: string; name: string; currency: string; price: number }[] = [];
  const stock: { sku: string; available: number; reserved: number; sold: number; stocked: number }[] = [];
  const restocks: { sku: string; idempotency_key: string; quantity: number }[] = [];
  const entries: {
    account_id: string;
    entry_id: number;
    kind: string;
    amount: number;
    order_id: string | null;
    idempotency_key: string | null;
  }[] = [];
  const reservations: { sku: string; order_id: string; quantity: number; state: 'HELD' | 'SOLD' | 'RELEASED' }[] = [];
  const orders: OrderRow[] = [];
  const transactions: TransactionRow[] = [];
  const barrier: BarrierRow[] = [];
  const accountOf = (id: string) => accounts.find(({ account_id }) => account_id === id)!;
  const stockOf = (name: string) => stock.find(({ sku }) => sku === name)!;
  const columns = { HELD: 'reserved', SOLD: 'sold', RELEASED: 'available' } as const;

  const first = ({ transaction_id }: TransactionRow, branch: number, operation: string) =>
    barrier.push({ transaction_id, branch, phase: 1, operation, outcome: 'done' });

  function post(
    id: string,
    kind: string,
    amount: number,
    { key = null, orderId = null }: { key?: string | null; orderId?: string | null },
  ) {
    accountOf(id).balance += amount;
    entries.push({
      account_id: id,
      entry_id: entries.length + 1,
      kind,
      amount,
      order_id: orderId,
      idempotency_key: key,
    });
  }

  function move(orderId: string, to: 'SOLD' | 'RELEASED') {
    for (const piece of reservations.filter(({ order_id }) => order_id === orderId)) {
      stockOf(piece.sku)[columns[piece.state]] -= piece.quantity;
      stockOf(piece.sku)[columns[to]] += piece.quantity;
      piece.state = to;
    }
  }

  const cannotPay = ({ accountId, amount }: Payload) => {
    const { balance, held } = accountOf(accountId);
    return balance - held < amount ? 'INSUFFICIENT_FUNDS' : undefined;
  };
  const cannotTake = ({ lines }: Payload) =>
    lines.some(({ sku, quantity }) => stockOf(sku).available < quantity) ? 'OUT_OF_STOCK' : undefined;

  return {
    accounts,
    products,
    stock,
    restocks,
    entries,
    reservations,
    orders,
    transactions,
    barrier,
    post,
    cannotPay,
    cannotTake,
    cannot: ({ action, payload }: Branch) => (action === 'charge' ? cannotPay(payload) : cannotTake(payload)),
    addProduct(sku: string, price: number) {
      products.push({ sku, name: sku, currency: 'EUR', price });
      stock.push({ sku, available: 0, reserved: 0, sold: 0, stocked: 0 });
    },
    addAccount: (id: string) => accounts.push({ account_id: id, currency: 'EUR', balance: 0, held: 0 }),
    restock(sku: string, quantity: number, key: string) {
      restocks.push({ sku, idempotency_key: key, quantity });
      stockOf(sku).available += quantity;
      stockOf(sku).stocked += quantity;
    },
    begin(transaction: TransactionRow, order: OrderRow) {
      transactions.push(transaction);
      orders.push(order);
      first(transaction, 0, 'ACTION');
    },
    charge(orderId: string, { accountId, amount }: Payload, operation: string) {
      if (operation === 'TRY') accountOf(accountId).held += amount;
      else post(accountId, 'CHARGE', -amount, { orderId });
    },
    settleCharge(orderId: string, { accountId, amount }: Payload, operation: string) {
      if (operation !== 'COMPENSATE') accountOf(accountId).held -= amount;
      if (operation === 'CONFIRM') post(accountId, 'CHARGE', -amount, { orderId });
      if (operation === 'COMPENSATE') post(accountId, 'REFUND', amount, { orderId });
    },
    take(orderId: string, { lines }: Payload, operation: string) {
      const state = operation === 'TRY' ? 'HELD' : 'SOLD';
      for (const { sku, quantity } of lines) {
        reservations.push({ sku, order_id: orderId, quantity, state });
        stockOf(sku).available -= quantity;
        stockOf(sku)[columns[state]] += quantity;
      }
    },
    settleTake: (orderId: string, _: Payload, operation: string) =>
      move(orderId, operation === 'CONFIRM' ? 'SOLD' : 'RELEASED'),
    end(transaction: TransactionRow, order: OrderRow, rejection: string | undefined) {
      transaction.state = rejection ? 'ABORTED' : 'COMMITTED';
      order.status = rejection ? 'REJECTED' : 'CONFIRMED';
      order.rejection_code = rejection ?? null;
      if (!rejection) return void first(transaction, 3, 'DELIVER');
      barrier.push({
        transaction_id: transaction.transaction_id,
        branch: 0,
        phase: 2,
        operation: 'COMPENSATE',
        outcome: 'done',
      });
    },
    beginCancel(transaction: TransactionRow, order: OrderRow) {
      transaction.branches = cancelBranches(order);
      transactions.push(transaction);
      first(transaction, 0, 'ACTION');
    },
    giveBack(transaction: TransactionRow, { order_id }: OrderRow) {
      first(transaction, 1, 'DELIVER');
      move(order_id, 'RELEASED');
    },
    refund(transaction: TransactionRow, { account_id, total, order_id }: OrderRow) {
      first(transaction, 2, 'DELIVER');
      post(account_id, 'REFUND', total, { orderId: order_id });
    },
    finishCancel(transaction: TransactionRow, order: OrderRow) {
      first(transaction, 3, 'DELIVER');
      transaction.state = 'COMMITTED';
      order.status = 'CANCELLED';
    },
    seeProduct(sku: string) {
      const { available, reserved, sold } = stockOf(sku);
      return { available, reserved, sold };
    },
    seeAccount(id: string) {
      const { balance, held } = accountOf(id);
      return { balance, held };
    },
  };
}
