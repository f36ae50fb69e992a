// A large shop, as its services would have left it: filled by SQL, and a history that tells how it came about.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Line, Operation, Outcome } from '../../history/line.ts';
import type { DatabaseName } from '../sources.ts';

const accounts = 10_000;
const products = 1000;
const price = 100;
const total = 3 * price;
const plenty = 1_000_000_000;
const modes = ['SAGA', 'TCC', 'TWO_PHASE'] as const;

/** Of twenty orders one is rejected after its stock was taken, and one cancelled. */
type Fate = 'REJECTED' | 'CANCELLED' | 'CONFIRMED';
const fates: Readonly<Record<number, Fate>> = { 0: 'REJECTED', 1: 'CANCELLED' };
const fateOf = (order: number): Fate => fates[order % 20] ?? 'CONFIRMED';

const account = (order: number) => `large-a${order % accounts}`;
const linesOf = (order: number) => [
  { sku: `large-p${(order % (products / 2)) * 2}`, quantity: 1 },
  { sku: `large-p${((order * 7) % (products / 2)) * 2 + 1}`, quantity: 2 },
];

/** The same in SQL: `numbered` has a row for each order. */
const uuid = (number: string, kind = '8000') =>
  `('00000000-0000-7000-${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const numbered = (orders: number) => `
  CREATE TEMP TABLE numbered AS
  SELECT i, ${uuid('i')} AS id, ${uuid('i', '9000')} AS cancel_id, 'large-a' || i % ${accounts} AS account,
    'large-p' || i % ${products / 2} * 2 AS sku1, 'large-p' || i * 7 % ${products / 2} * 2 + 1 AS sku2,
    (ARRAY['SAGA', 'TCC', 'TWO_PHASE'])[i % 3 + 1] AS mode,
    (ARRAY['ACTION', 'TRY', 'PREPARE'])[i % 3 + 1] AS first,
    (ARRAY['COMPENSATABLE', 'RESERVED', 'PREPARED'])[i % 3 + 1] AS kind,
    CASE i % 20 WHEN 0 THEN 'REJECTED' WHEN 1 THEN 'CANCELLED' ELSE 'CONFIRMED' END AS fate
  FROM generate_series(0, ${orders - 1}) AS i`;

const barrier = (id: string, branch: number, phase: number, operation: string, where: string, outcome = `'done'`) => `
  INSERT INTO barrier (transaction_id, branch, phase, operation, outcome)
  SELECT ${id}, ${branch}, ${phase}, ${operation}, ${outcome} FROM numbered WHERE ${where}`;
const delivered = (branch: number) => barrier('cancel_id', branch, 1, `'DELIVER'`, `fate = 'CANCELLED'`);

const branch = (participant: string, action: string, kind: string, payload: string) => `
  json_build_object('name', '${action}', 'participant', '${participant}', 'action', '${action}', 'kind', ${kind},
    'after', '[]'::json, 'payload', json_build_object(${payload})::text)`;
const paying = `'accountId', account, 'amount', json_build_object('amount', '${total}', 'currency', 'EUR')`;
const transactions = (id: string, state: string, key: string, where: string, ...branches: string[]) => `
  INSERT INTO transactions (transaction_id, version, state, owner, idempotency_key, fingerprint, branches, traceparent,
    created_at, deadline, ended_at)
  SELECT ${id}, 1, ${state}, 1, ${key}, '', json_build_array(${branches.join(', ')}), '', now(), now(), now()
  FROM numbered WHERE ${where}`;

/** What fills the databases with so many orders. Its times are now. */
export function fillLarge(orders: number): Readonly<Record<DatabaseName, readonly string[]>> {
  const key = `'order:' || account || ':' || translate(rtrim(encode(sha256(i::text::bytea), 'base64'), '='), '+/', '-_')`;
  return {
    orders: [
      numbered(orders),
      `INSERT INTO orders (order_id, account_id, mode, status, lines, total, currency, rejection_code)
       SELECT id, account, mode, fate, json_build_array(json_build_object('sku', sku1, 'quantity', 1),
         json_build_object('sku', sku2, 'quantity', 2)), ${total}, 'EUR', CASE fate WHEN 'REJECTED' THEN 'TIMED_OUT' END
       FROM numbered`,
      barrier('id', 0, 1, `'ACTION'`, 'true'),
      barrier('id', 0, 2, `'COMPENSATE'`, `fate = 'REJECTED'`),
      barrier('id', 3, 1, `'DELIVER'`, `fate <> 'REJECTED'`),
      barrier('cancel_id', 0, 1, `'ACTION'`, `fate = 'CANCELLED'`),
      delivered(3),
    ],
    inventory: [
      numbered(orders),
      `INSERT INTO products (sku, name, currency, price)
       SELECT 'large-p' || i, '', 'EUR', ${price} FROM generate_series(0, ${products - 1}) AS i`,
      `INSERT INTO reservations (sku, order_id, quantity, state)
       SELECT sku, id, quantity, CASE fate WHEN 'CONFIRMED' THEN 'SOLD' ELSE 'RELEASED' END
       FROM numbered, LATERAL (VALUES (sku1, 1), (sku2, 2)) AS line (sku, quantity)
       WHERE fate <> 'REJECTED' OR mode <> 'TWO_PHASE'`,
      `INSERT INTO restocks (sku, idempotency_key, quantity) SELECT sku, 'first', ${plenty} FROM products`,
      `INSERT INTO stock (sku, available, sold, stocked)
       SELECT sku, ${plenty} - coalesce(bought, 0), coalesce(bought, 0), ${plenty} FROM products
         LEFT JOIN (SELECT sku, sum(quantity) AS bought FROM reservations WHERE state = 'SOLD' GROUP BY sku) AS b USING (sku)`,
      barrier('id', 1, 1, 'first', `fate <> 'REJECTED' OR mode <> 'TWO_PHASE'`),
      barrier('id', 1, 2, `'CONFIRM'`, `fate <> 'REJECTED' AND mode = 'TCC'`),
      barrier('id', 1, 2, `'COMPENSATE'`, `fate = 'REJECTED' AND mode = 'SAGA'`),
      barrier('id', 1, 2, `'CANCEL'`, `fate = 'REJECTED' AND mode = 'TCC'`),
      delivered(1),
    ],
    payments: [
      numbered(orders),
      `INSERT INTO accounts (account_id, currency, balance)
       SELECT 'large-a' || i, 'EUR', ${plenty} - ${total} * coalesce(confirmed, 0) FROM generate_series(0, ${accounts - 1}) AS i
         LEFT JOIN (SELECT i % ${accounts} AS i, count(*) AS confirmed FROM numbered WHERE fate = 'CONFIRMED' GROUP BY 1) AS c USING (i)`,
      `INSERT INTO entries (account_id, kind, amount, idempotency_key) SELECT account_id, 'DEPOSIT', ${plenty}, 'first' FROM accounts`,
      `INSERT INTO entries (account_id, kind, amount, order_id)
       SELECT account, entry.kind, amount, id
       FROM numbered, LATERAL (VALUES ('CHARGE', -${total}), ('REFUND', ${total})) AS entry (kind, amount)
       WHERE fate = 'CANCELLED' OR fate = 'CONFIRMED' AND entry.kind = 'CHARGE' ORDER BY i, entry.kind`,
      barrier('id', 2, 1, 'first', 'true', `CASE fate WHEN 'REJECTED' THEN 'rejected' ELSE 'done' END`),
      barrier('id', 2, 2, `'CONFIRM'`, `fate <> 'REJECTED' AND mode = 'TCC'`),
      delivered(2),
    ],
    transactions: [
      numbered(orders),
      transactions(
        'id',
        `CASE fate WHEN 'REJECTED' THEN 'ABORTED' ELSE 'COMMITTED' END`,
        key,
        'true',
        branch('order', 'create', `'COMPENSATABLE'`, paying),
        branch('inventory', 'reserve', 'kind', `'lines', '[]'::json`),
        branch('payment', 'charge', 'kind', paying),
        branch('order', 'confirm', `'RETRIABLE'`, `'nothing', 0`),
      ),
      transactions(
        'cancel_id',
        `'COMMITTED'`,
        `'cancel:' || id`,
        `fate = 'CANCELLED'`,
        branch('order', 'begin-cancel', `'COMPENSATABLE'`, `'orderId', id`),
        branch('inventory', 'return', `'RETRIABLE'`, `'orderId', id`),
        branch('payment', 'refund', `'RETRIABLE'`, `'orderId', id, ${paying}`),
        branch('order', 'finish-cancel', `'RETRIABLE'`, `'orderId', id`),
      ),
    ],
  };
}

/** Writes what clients would have been told, one after the other, a millisecond each. */
export function writeLarge(orders: number, path: string): Promise<void> {
  return pipeline(Readable.from(texts(orders)), createWriteStream(path));
}

function* texts(orders: number): Generator<string> {
  for (const line of lines(orders)) yield `${JSON.stringify(line)}\n`;
}

function* lines(orders: number): Generator<Line> {
  yield { type: 'begin', version: 1, scope: 'large', time: 0 };
  let id = 0;
  for (const [operation, output] of operations(orders)) {
    id += 1;
    yield { type: 'invoke', id, client: 1, time: id, operation };
    yield { id, time: id + 0.5, type: 'ok', output } satisfies Outcome & { id: number; time: number };
  }
  yield { type: 'end', time: id + 1, operations: id };
}

type Answered = readonly [Operation, Extract<Outcome, { type: 'ok' }>['output']];

function* operations(orders: number): Generator<Answered> {
  for (let number = 0; number < products; number++) {
    const sku = `large-p${number}`;
    yield [{ op: 'createProduct', sku, price, currency: 'EUR' }, {}];
    yield [{ op: 'restock', sku, quantity: plenty, key: 'first' }, {}];
  }
  for (let number = 0; number < accounts; number++) {
    yield [{ op: 'createAccount', accountId: account(number), currency: 'EUR' }, {}];
    yield [{ op: 'deposit', accountId: account(number), amount: plenty, key: 'first' }, {}];
  }
  for (let order = 0; order < orders; order++) yield* visit(order);
}

function* visit(order: number): Generator<Answered> {
  const orderId = `00000000-0000-7000-8000-${order.toString(16).padStart(12, '0')}`;
  const fate = fateOf(order);
  const seen = { orderId, total, ...(fate === 'REJECTED' && { rejection: 'TIMED_OUT' }) };
  const mode = modes[order % 3]!;
  const placed = { ...seen, status: fate === 'CANCELLED' ? 'CONFIRMED' : fate };
  yield [{ op: 'place', key: `${order}`, accountId: account(order), mode, lines: linesOf(order) }, placed];
  if (fate === 'CANCELLED')
    yield [
      { op: 'cancel', orderId },
      { ...seen, status: 'CANCELLED' },
    ];
}
