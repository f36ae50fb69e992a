// All SQL of the orders.
import type { Page } from '@assent/messages';
import { parseMoney } from '@assent/money';
import type { Sql } from '@assent/postgres';
import { type LineMessage, lineMessage } from './checkout.ts';
import type { Mode, Order, Priced, Rejection, Status } from './order.ts';

export interface NewOrder extends Priced {
  readonly orderId: string;
  /** Makes it REJECTED instead of PENDING. */
  readonly rejection?: Rejection;
}

/** Adds orders; those whose id is taken stay as they are. */
export async function insertOrders(sql: Sql, orders: readonly NewOrder[]): Promise<void> {
  await sql.query(
    `INSERT INTO orders (order_id, account_id, mode, status, lines, total, currency, rejection_code, rejection_message)
     SELECT order_id, account_id, mode, status, lines::json, total, currency, rejection_code, rejection_message
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[])
       AS o (order_id, account_id, mode, status, lines, total, currency, rejection_code, rejection_message)
     ON CONFLICT DO NOTHING`,
    [
      orders.map(({ orderId }) => orderId),
      orders.map(({ accountId }) => accountId),
      orders.map(({ mode }) => mode),
      orders.map(({ rejection }) => (rejection ? 'REJECTED' : 'PENDING')),
      orders.map(({ lines }) => JSON.stringify(lines.map(lineMessage))),
      orders.map(({ total }) => total.amount),
      orders.map(({ total }) => total.currency),
      orders.map(({ rejection }) => rejection?.code ?? null),
      orders.map(({ rejection }) => rejection?.message ?? null),
    ],
  );
}

/** Rejects orders that are PENDING. Throws when one of them isn't. */
export async function rejectOrders(
  sql: Sql,
  orders: readonly { orderId: string; rejection: Rejection }[],
): Promise<void> {
  const { rowCount } = await sql.query(
    `UPDATE orders o SET status = 'REJECTED', rejection_code = r.code, rejection_message = r.message, updated_at = now()
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r (order_id, code, message)
     WHERE o.order_id = r.order_id AND o.status = 'PENDING'`,
    [
      orders.map(({ orderId }) => orderId),
      orders.map(({ rejection }) => rejection.code),
      orders.map(({ rejection }) => rejection.message),
    ],
  );
  if (rowCount !== orders.length) throw new Error(`${rowCount} of ${orders.length} orders were PENDING`);
}

/** Takes orders from one status to another. Returns those that were in the first. */
export async function moveOrders(
  sql: Sql,
  orderIds: readonly string[],
  from: Status,
  to: Status,
): Promise<Set<string>> {
  const { rows } = await sql.query<{ order_id: string }>(
    `UPDATE orders SET status = $3, updated_at = now() WHERE order_id = ANY($1) AND status = $2 RETURNING order_id`,
    [orderIds, from, to],
  );
  return new Set(rows.map(({ order_id }) => order_id));
}

/** Counts an attempt to cancel an order that came to nothing, if nobody has counted it yet. */
export async function countCancellation(sql: Sql, { orderId, cancellations }: Order): Promise<void> {
  await sql.query('UPDATE orders SET cancellations = cancellations + 1 WHERE order_id = $1 AND cancellations = $2', [
    orderId,
    cancellations,
  ]);
}

/** Those that exist. */
export async function getOrders(sql: Sql, orderIds: readonly string[]): Promise<Map<string, Order>> {
  const { rows } = await sql.query<OrderRow>(`SELECT ${columns} FROM orders o WHERE order_id = ANY($1)`, [orderIds]);
  return new Map(rows.map((row) => [row.order_id, toOrder(row)]));
}

/** Those whose status isn't the given one any more. */
export async function getChanged(sql: Sql, orders: readonly Pick<Order, 'orderId' | 'status'>[]): Promise<Order[]> {
  const { rows } = await sql.query<OrderRow>(
    `SELECT ${columns} FROM unnest($1::uuid[], $2::text[]) AS seen (order_id, status)
     JOIN orders o ON o.order_id = seen.order_id AND o.status <> seen.status`,
    [orders.map(({ orderId }) => orderId), orders.map(({ status }) => status)],
  );
  return rows.map(toOrder);
}

/** Newest first: all, or an account's. One more than fits the page. */
export async function listOrders(sql: Sql, accountId: string | undefined, { after, size }: Page): Promise<Order[]> {
  const values = [after ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', size + 1];
  const { rows } = await (accountId === undefined
    ? sql.query<OrderRow>(`${selectBefore} ORDER BY order_id DESC LIMIT $2`, values)
    : sql.query<OrderRow>(`${selectBefore} AND account_id = $3 ORDER BY order_id DESC LIMIT $2`, [
        ...values,
        accountId,
      ]));
  return rows.map(toOrder);
}

const columns = `o.order_id, o.account_id, o.mode, o.status, o.lines, o.total, o.currency, o.rejection_code,
  o.rejection_message, o.cancellations, o.created_at, o.updated_at`;

const selectBefore = `SELECT ${columns} FROM orders o WHERE order_id < $1`;

interface OrderRow {
  order_id: string;
  account_id: string;
  mode: Mode;
  status: Status;
  lines: LineMessage[];
  total: bigint;
  currency: string;
  rejection_code: string | null;
  rejection_message: string | null;
  cancellations: number;
  created_at: Date;
  updated_at: Date;
}

function toOrder(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    accountId: row.account_id,
    mode: row.mode,
    status: row.status,
    lines: row.lines.map(({ unitPrice, shard = 0, ...line }) => ({ ...line, unitPrice: parseMoney(unitPrice), shard })),
    total: { amount: row.total, currency: row.currency },
    ...(row.rejection_code !== null && {
      rejection: { code: row.rejection_code, message: row.rejection_message ?? '' },
    }),
    cancellations: row.cancellations,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
