// What is known of each order, account and product, put together from the histories and the mirror of the databases. The
// database that holds the mirror joins and sorts; here one story at a time is in memory.
import type pg from 'pg';
import type { AccountStep } from './model/account.ts';
import type { OrderStory } from './model/order.ts';
import type { ProductStep } from './model/product.ts';

/** How many rows come over at a time. */
const chunk = 2000;

/** All rows of a query, in a transaction. */
async function* rowsOf<T extends pg.QueryResultRow>(mirror: pg.Client, select: string): AsyncGenerator<T> {
  await mirror.query(`BEGIN; DECLARE stories NO SCROLL CURSOR FOR ${select}`);
  for (;;) {
    const { rows } = await mirror.query<T>(`FETCH ${chunk} FROM stories`);
    if (rows.length === 0) break;
    yield* rows;
  }
  await mirror.query('COMMIT');
}

/** Tables that several stories need. */
export async function prepareStories(mirror: pg.Client): Promise<void> {
  // Every story is read to its end.
  await mirror.query("SET work_mem = '64MB'; SET cursor_tuple_fraction = 1; ANALYZE operations, scopes");
  for (const { table, select } of tables)
    await mirror.query(`CREATE TEMP TABLE ${table} AS ${select}; ANALYZE ${table}`);
}

export async function* orderStories(mirror: pg.Client): AsyncGenerator<OrderStory> {
  for await (const { story } of rowsOf<{ story: OrderStory }>(mirror, orders)) {
    yield { ...story, operations: story.operations.map(windowed) };
  }
}

export function accountStories(mirror: pg.Client): AsyncGenerator<[string, AccountStep[]]> {
  return grouped(rowsOf<StepRow<AccountStep>>(mirror, accounts));
}

export function productStories(mirror: pg.Client): AsyncGenerator<[string, ProductStep[]]> {
  return grouped(rowsOf<StepRow<ProductStep>>(mirror, products));
}

/** Of one, by SKU. */
export async function readPrices(mirror: pg.Client): Promise<Map<string, number>> {
  const { rows } = await mirror.query<{ sku: string; price: string }>(
    "SELECT sku, amount AS price FROM operations WHERE op = 'createProduct'",
  );
  return new Map(rows.map(({ sku, price }) => [sku, Number(price)]));
}

interface StepRow<T> {
  readonly subject: string;
  readonly step: T;
}

async function* grouped<T extends object>(rows: AsyncIterable<StepRow<T>>): AsyncGenerator<[string, T[]]> {
  let group: [string, T[]] | undefined;
  for await (const { subject, step } of rows) {
    if (group && group[0] !== subject) yield group;
    if (group?.[0] !== subject) group = [subject, []];
    group[1].push(windowed(step));
  }
  if (group) yield group;
}

/** JSON has no infinity: null stands for a time that isn't known. */
function windowed<T extends object>(step: T): T {
  const { lo, hi, back } = step as { lo?: number | null; hi?: number | null; back?: object };
  if (hi === undefined) return step;
  return { ...step, lo: lo ?? 0, hi: hi ?? Number.POSITIVE_INFINITY, ...(back && { back: windowed(back) }) };
}

const inScope = (column: string) => `EXISTS (SELECT FROM scopes WHERE starts_with(${column}, scope || '-'))`;
/** FILE:LINE, the file by its number. */
const at = (alias: string, line = 'line') => `${alias}.file || ':' || ${alias}.${line}`;

/** Another request under the key of one is refused. */
const askedFirst = "ORDER BY outcome = 'fail', lo";

const tables = [
  {
    // The requests for orders: all operations with the same key are one.
    table: 'requests',
    select: `
      SELECT p.*, coalesce(p.answered, t.transaction_id) AS order_id, coalesce(t.transactions, 0) AS transactions FROM (
        SELECT transaction_key, account_id, key, (array_agg(mode ${askedFirst}))[1] AS mode,
          (array_agg(lines ${askedFirst}))[1] AS lines, min(lo) AS lo, min(hi) AS hi,
          (array_agg(${at('o', 'invoke_line')} ${askedFirst}))[1] AS at,
          (array_agg(order_id ORDER BY hi) FILTER (WHERE outcome = 'ok'))[1] AS answered
        FROM operations o WHERE op = 'place' GROUP BY transaction_key, account_id, key) AS p
      LEFT JOIN (
        SELECT idempotency_key, (array_agg(transaction_id ORDER BY state = 'COMMITTED' DESC))[1] AS transaction_id,
          count(*) AS transactions
        FROM transactions GROUP BY idempotency_key) AS t ON t.idempotency_key = transaction_key`,
  },
  {
    // Orders of the histories' accounts, wanted or there, with the windows of what became of them.
    table: 'lives',
    select: `
      SELECT coalesce(r.transaction_key, o.order_id::text) AS life, coalesce(r.order_id, o.order_id) AS order_id, r.key, r.account_id, r.lines AS wanted, r.mode, r.lo, r.hi, r.at,
        r.transactions, o.order_id IS NOT NULL AS is_there, o.status, o.total, o.rejection_code,
        c.lo AS cancel_lo, c.hi AS cancel_hi
      FROM requests r
        FULL JOIN (SELECT * FROM orders WHERE ${inScope('account_id')}) AS o ON o.order_id = r.order_id
        LEFT JOIN (
          SELECT order_id, min(lo) FILTER (WHERE op = 'cancel') AS lo, min(hi) FILTER (WHERE status = 'CANCELLED') AS hi
          FROM operations WHERE order_id IS NOT NULL GROUP BY order_id) AS c ON c.order_id = coalesce(r.order_id, o.order_id)`,
  },
] as const;

const seenColumns = 'o.op, o.outcome, o.error, o.order_id, o.status, o.rejection, o.total, o.lo, o.hi, o.file, o.line';

const orders = `
  SELECT json_build_object('orderId', l.order_id, 'key', l.key, 'transactions', l.transactions,
    'wanted', CASE WHEN l.key IS NOT NULL THEN json_build_object('accountId', l.account_id, 'mode', l.mode, 'lines', l.wanted) END,
    'row', CASE WHEN o.order_id IS NOT NULL THEN json_build_object('accountId', o.account_id, 'mode', o.mode, 'lines', o.lines,
      'status', o.status, 'rejection', o.rejection_code, 'total', o.total) END,
    'operations', coalesce(s.seen, '[]'::json)) AS story
  FROM lives l
    LEFT JOIN orders o ON o.order_id = l.order_id
    LEFT JOIN (
      SELECT life, json_agg(json_build_object('op', op, 'outcome', outcome, 'error', error, 'orderId', order_id,
        'status', status, 'rejection', rejection, 'total', total, 'lo', lo, 'hi', hi, 'line', ${at('s')}) ORDER BY lo) AS seen
      FROM (
        SELECT transaction_key AS life, ${seenColumns} FROM operations o WHERE op = 'place'
        UNION ALL SELECT life, ${seenColumns} FROM operations o JOIN lives l ON l.order_id = o.order_id
          WHERE op IN ('cancel', 'getOrder')) AS s
      GROUP BY life) AS s USING (life)`;

const step = (subject: string, rank: number, place: string, fields: string, from: string) =>
  `SELECT ${subject} AS subject, ${rank} AS rank, ${place} AS place, json_build_object(${fields}) AS step FROM ${from}`;

const accounts = `${[
  step(
    'account_id',
    1,
    '0::float8',
    `'type', 'order', 'orderId', order_id, 'status', status, 'total', total, 'line', at`,
    `lives WHERE key IS NOT NULL AND order_id IS NOT NULL AND total IS NOT NULL`,
  ),
  step(
    'e.account_id',
    2,
    'entry_id::float8',
    `'type', 'entry', 'kind', kind, 'amount', e.amount, 'orderId', e.order_id,
      'asked', CASE kind WHEN 'DEPOSIT' THEN d.amount WHEN 'CHARGE' THEN -l.total ELSE l.total END,
      'lo', CASE WHEN kind = 'DEPOSIT' THEN d.lo WHEN kind = 'REFUND' AND l.status <> 'REJECTED' THEN l.cancel_lo ELSE l.lo END,
      'hi', CASE WHEN kind = 'DEPOSIT' THEN d.hi WHEN kind = 'REFUND' AND l.status <> 'REJECTED' THEN l.cancel_hi ELSE l.hi END,
      'line', CASE kind WHEN 'DEPOSIT' THEN ${at('d')} ELSE l.at END`,
    `entries e
      LEFT JOIN operations d ON d.op = 'deposit' AND d.account_id = e.account_id AND d.key = e.idempotency_key
      LEFT JOIN lives l ON l.key IS NOT NULL AND l.order_id = e.order_id AND l.account_id = e.account_id
     WHERE ${inScope('e.account_id')}`,
  ),
  step(
    'account_id',
    3,
    'lo',
    `'type', 'hold', 'amount', total, 'lo', lo, 'hi', hi`,
    `lives WHERE key IS NOT NULL AND mode = 'TCC' AND total IS NOT NULL AND rejection_code IS DISTINCT FROM 'INSUFFICIENT_FUNDS'`,
  ),
  step(
    'account_id',
    4,
    'lo',
    `'type', 'read', 'balance', output->'balance', 'held', output->'held', 'lo', lo, 'hi', hi, 'line', ${at('operations')}`,
    `operations WHERE op = 'getAccount' AND outcome = 'ok'`,
  ),
  step(
    'account_id',
    5,
    'lo',
    `'type', 'refusal', 'orderId', order_id, 'amount', total, 'lo', lo, 'hi', hi, 'line', at`,
    `lives WHERE key IS NOT NULL AND rejection_code = 'INSUFFICIENT_FUNDS'`,
  ),
  step(
    'd.account_id',
    6,
    'lo',
    `'type', 'lost', 'amount', d.amount, 'line', ${at('d')}`,
    `operations d WHERE op = 'deposit' AND outcome = 'ok'
      AND NOT EXISTS (SELECT FROM entries e WHERE e.account_id = d.account_id AND e.idempotency_key = d.key)`,
  ),
].join(' UNION ALL ')} ORDER BY subject, rank, place`;

/** Lines that were wanted, with what is reserved for them; and what is reserved for nobody. */
const takings = `
  (SELECT coalesce(w.sku, r.sku) AS sku, coalesce(w.order_id, r.order_id) AS order_id, w.quantity AS wanted,
     r.quantity AS taken, r.state, w.status, w.lo, w.hi, w.cancel_lo, w.cancel_hi, w.at
   FROM (
     SELECT l.*, line->>'sku' AS sku, (line->>'quantity')::bigint AS quantity
     FROM lives l, json_array_elements(wanted) AS line WHERE key IS NOT NULL AND is_there) AS w
   FULL JOIN (SELECT * FROM reservations WHERE ${inScope('sku')}) AS r ON r.order_id = w.order_id AND r.sku = w.sku) AS t`;

const products = `${[
  step(
    'r.sku',
    1,
    'lo',
    `'type', 'restock', 'quantity', quantity, 'asked', o.amount, 'lo', lo, 'hi', hi, 'line', ${at('o')}`,
    `restocks r LEFT JOIN operations o ON o.op = 'restock' AND o.sku = r.sku AND o.key = r.idempotency_key WHERE ${inScope('r.sku')}`,
  ),
  step(
    'o.sku',
    2,
    'lo',
    `'type', 'lost', 'quantity', amount, 'line', ${at('o')}`,
    `operations o WHERE op = 'restock' AND outcome = 'ok'
      AND NOT EXISTS (SELECT FROM restocks r WHERE r.sku = o.sku AND r.idempotency_key = o.key)`,
  ),
  step(
    'sku',
    3,
    'lo',
    `'type', 'taking', 'orderId', order_id, 'status', status, 'wanted', wanted, 'taken', taken, 'state', state,
      'lo', lo, 'hi', hi, 'line', at, 'back', CASE WHEN status = 'REJECTED' THEN json_build_object('lo', lo, 'hi', hi)
        ELSE json_build_object('lo', coalesce(cancel_lo, lo), 'hi', cancel_hi) END`,
    takings,
  ),
  step(
    'sku',
    4,
    'lo',
    `'type', 'read', 'available', output->'available', 'reserved', output->'reserved', 'sold', output->'sold',
      'lo', lo, 'hi', hi, 'line', ${at('operations')}`,
    `operations WHERE op = 'getProduct' AND outcome = 'ok'`,
  ),
  step(
    `line->>'sku'`,
    5,
    'lo',
    `'type', 'refusal', 'orderId', order_id, 'quantity', (line->>'quantity')::bigint, 'products', json_array_length(wanted),
      'lo', lo, 'hi', hi, 'line', at`,
    `lives, json_array_elements(wanted) AS line WHERE key IS NOT NULL AND rejection_code = 'OUT_OF_STOCK'`,
  ),
].join(' UNION ALL ')} ORDER BY subject, rank, place`;
