// The checker is checked: a shop in which all is right, then one thing after another is broken in it by hand.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { invariants } from './invariants.ts';
import { judge, judgeAll } from './judge.ts';
import { describeVerdict } from './report.ts';
import type { DatabaseName } from './sources.ts';
import { type Databases, openDatabases } from './testing/fill.ts';
import { verify } from './verify.ts';

let databases: Databases;
let urls: Databases['urls'];
let run: Databases['run'];

beforeAll(async () => {
  databases = await openDatabases();
  ({ urls, run } = databases);
});

afterAll(() => databases.drop());

/** The names of the invariants that are broken, and about what. */
async function broken(): Promise<Record<string, string[]>> {
  const { findings } = await verify({ databases: urls, histories: [], settled_s: 0 });
  const found = findings.filter(({ violations }) => violations.length > 0);
  return Object.fromEntries(
    found.map(({ invariant, violations }) => [invariant.name, violations.map(({ subject }) => subject)]),
  );
}

const id = (last: number) => `00000000-0000-7000-8000-00000000000${last}`;
const [saga, tcc, twoPhase, refused, cancelled, cancellation] = [1, 2, 3, 4, 5, 6].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

const branchesOf = (kind: string) => [
  ['order', 'create', 'COMPENSATABLE', {}],
  ['inventory', 'reserve', kind, {}],
  ['payment', 'charge', kind, { accountId: 'ann', amount: { amount: '200', currency: 'EUR' } }],
  ['order', 'confirm', 'RETRIABLE', {}],
];
const cancelBranches = [
  ['order', 'begin-cancel', 'COMPENSATABLE', { orderId: cancelled }],
  ['inventory', 'return', 'RETRIABLE', { orderId: cancelled }],
  [
    'payment',
    'refund',
    'RETRIABLE',
    { orderId: cancelled, accountId: 'ann', amount: { amount: '200', currency: 'EUR' } },
  ],
  ['order', 'finish-cancel', 'RETRIABLE', { orderId: cancelled }],
];

const transaction = (transactionId: string, state: string, branches: unknown[][]) => {
  const definitions = branches.map(([one, action, kind, payload]) => ({
    name: action,
    participant: one,
    action,
    kind,
    after: [],
    payload: JSON.stringify(payload),
  }));
  return `INSERT INTO transactions (transaction_id, version, state, owner, idempotency_key, fingerprint, branches, traceparent, created_at, deadline, ended_at)
    VALUES ('${transactionId}', 1, '${state}', 1, '${transactionId}', '', '${JSON.stringify(definitions)}', '', now(), now(), now())`;
};
const barrier = (transactionId: string, branch: number, ...operations: string[]) =>
  `INSERT INTO barrier (transaction_id, branch, phase, operation, outcome) VALUES ${operations
    .map((operation, index) => `('${transactionId}', ${branch}, ${index + 1}, '${operation}', 'done')`)
    .join(', ')}`;
const order = (orderId: string, status: string, mode = 'SAGA') =>
  `INSERT INTO orders (order_id, account_id, mode, status, lines, total, currency, rejection_code)
   VALUES ('${orderId}', 'ann', '${mode}', '${status}', '[{"sku":"tea","quantity":2}]', 200, 'EUR',
     ${status === 'REJECTED' ? "'INSUFFICIENT_FUNDS'" : 'NULL'})`;
const reservation = (orderId: string, state: string) =>
  `INSERT INTO reservations (sku, order_id, quantity, state) VALUES ('tea', '${orderId}', 2, '${state}')`;
const entry = (kind: string, amount: number, orderId?: string) =>
  `INSERT INTO entries (account_id, kind, amount, order_id, idempotency_key)
   VALUES ('ann', '${kind}', ${amount}, ${orderId ? `'${orderId}', NULL` : "NULL, 'k'"})`;

/** Three confirmed orders, one of each mode; one rejected after its stock was taken; one cancelled. */
beforeAll(async () => {
  await run(
    'transactions',
    transaction(saga, 'COMMITTED', branchesOf('COMPENSATABLE')),
    transaction(tcc, 'COMMITTED', branchesOf('RESERVED')),
    transaction(twoPhase, 'COMMITTED', branchesOf('PREPARED')),
    transaction(refused, 'ABORTED', branchesOf('COMPENSATABLE')),
    transaction(cancelled, 'COMMITTED', branchesOf('COMPENSATABLE')),
    transaction(cancellation, 'COMMITTED', cancelBranches),
  );
  const placed = [saga, tcc, twoPhase, cancelled];
  await run(
    'orders',
    order(saga, 'CONFIRMED'),
    order(tcc, 'CONFIRMED', 'TCC'),
    order(twoPhase, 'CONFIRMED', 'TWO_PHASE'),
    order(refused, 'REJECTED'),
    order(cancelled, 'CANCELLED'),
    ...placed.flatMap((one) => [barrier(one, 0, 'ACTION'), barrier(one, 3, 'DELIVER')]),
    barrier(refused, 0, 'ACTION', 'COMPENSATE'),
    barrier(cancellation, 0, 'ACTION'),
    barrier(cancellation, 3, 'DELIVER'),
  );
  await run(
    'inventory',
    `INSERT INTO products (sku, name, currency, price) VALUES ('tea', 'Tea', 'EUR', 100)`,
    `INSERT INTO stock (sku, available, sold, stocked) VALUES ('tea', 4, 6, 10)`,
    `INSERT INTO restocks (sku, idempotency_key, quantity) VALUES ('tea', 'k', 10)`,
    ...[saga, tcc, twoPhase].map((one) => reservation(one, 'SOLD')),
    ...[refused, cancelled].map((one) => reservation(one, 'RELEASED')),
    barrier(saga, 1, 'ACTION'),
    barrier(tcc, 1, 'TRY', 'CONFIRM'),
    barrier(twoPhase, 1, 'PREPARE'),
    barrier(refused, 1, 'ACTION', 'COMPENSATE'),
    barrier(cancelled, 1, 'ACTION'),
    barrier(cancellation, 1, 'DELIVER'),
  );
  await run(
    'payments',
    `INSERT INTO accounts (account_id, currency, balance) VALUES ('ann', 'EUR', 400)`,
    entry('DEPOSIT', 1000),
    ...placed.map((one) => entry('CHARGE', -200, one)),
    entry('REFUND', 200, cancelled),
    barrier(saga, 2, 'ACTION'),
    barrier(tcc, 2, 'TRY', 'CONFIRM'),
    barrier(twoPhase, 2, 'PREPARE'),
    `INSERT INTO barrier (transaction_id, branch, phase, operation, outcome) VALUES ('${refused}', 2, 1, 'ACTION', 'rejected')`,
    barrier(cancelled, 2, 'ACTION'),
    barrier(cancellation, 2, 'DELIVER'),
  );
});

test('where all is right, nothing is found', async () => {
  const { verdict, look } = await judgeAll({ history: [], sources: urls, settled_s: 0 });
  expect(verdict).toMatchObject({ passed: true, enough: true, violations: [] });
  expect(verdict.counts).toMatchObject({ orders: 5, transactions: 6, branches: 24, entries: 6, reservations: 5 });
  expect(describeVerdict(verdict, look)).toContain(`All ${invariants.length - 1} invariants hold.`);
});

/** What is done by hand, how it is undone, and which invariants must notice it. */
const breakages: [
  title: string,
  database: DatabaseName,
  damage: string,
  repair: string,
  noticed: Record<string, string[]>,
][] = [
  [
    'money appears',
    'payments',
    'UPDATE accounts SET balance = balance + 1',
    'UPDATE accounts SET balance = balance - 1',
    { 'money is conserved': ['all accounts'], 'balances follow from the ledger': ['ann'] },
  ],
  [
    'an order is charged twice',
    'payments',
    `${entry('CHARGE', -200, saga)}; UPDATE accounts SET balance = balance - 200`,
    `DELETE FROM entries WHERE entry_id = (SELECT max(entry_id) FROM entries); UPDATE accounts SET balance = balance + 200`,
    { 'a confirmed order is paid once': [saga], 'every entry was asked for': [saga] },
  ],
  [
    'a charge is lost',
    'payments',
    `DELETE FROM entries WHERE order_id = '${tcc}'; UPDATE accounts SET balance = balance + 200`,
    `${entry('CHARGE', -200, tcc)}; UPDATE accounts SET balance = balance - 200`,
    { 'a confirmed order is paid once': [tcc], 'every entry was asked for': [tcc] },
  ],
  [
    'a refund is lost',
    'payments',
    `DELETE FROM entries WHERE kind = 'REFUND'; UPDATE accounts SET balance = balance - 200`,
    `${entry('REFUND', 200, cancelled)}; UPDATE accounts SET balance = balance + 200`,
    { 'a cancelled order is paid back once': [cancelled], 'every entry was asked for': [cancelled] },
  ],
  [
    'a rejected order is charged',
    'payments',
    `${entry('CHARGE', -200, refused)}; UPDATE accounts SET balance = balance - 200`,
    `DELETE FROM entries WHERE order_id = '${refused}'; UPDATE accounts SET balance = balance + 200`,
    { 'a rejected order costs nothing': [refused], 'every entry was asked for': [refused] },
  ],
  [
    'a hold is left',
    'payments',
    'UPDATE accounts SET held = 200',
    'UPDATE accounts SET held = 0',
    { 'held money has its holds': ['ann'] },
  ],
  [
    'more is held than there is',
    'payments',
    'UPDATE accounts SET held = 500',
    'UPDATE accounts SET held = 0',
    { 'no account owes money': ['ann'], 'held money has its holds': ['ann'] },
  ],
  [
    'a charge was never confirmed',
    'payments',
    `DELETE FROM barrier WHERE operation = 'CONFIRM'`,
    barrier2(tcc, 2, 'CONFIRM'),
    {
      'held money has its holds': ['ann'],
      'every branch ends as its transaction did': [`${tcc}/2`],
      'every entry was asked for': [tcc],
    },
  ],
  [
    'stock appears',
    'inventory',
    'UPDATE stock SET available = available + 1, stocked = stocked + 1',
    'UPDATE stock SET available = available - 1, stocked = stocked - 1',
    { 'stock is conserved': ['tea'] },
  ],
  [
    'stock does not add up',
    'inventory',
    'UPDATE stock SET available = available - 1',
    'UPDATE stock SET available = available + 1',
    { 'stock is conserved': ['tea'] },
  ],
  [
    'stock was oversold',
    'inventory',
    'UPDATE stock SET available = -1, sold = 11',
    'UPDATE stock SET available = 4, sold = 6',
    { 'stock is conserved': ['tea'], 'stock agrees with reservations': ['tea'] },
  ],
  [
    'a reservation is lost',
    'inventory',
    `DELETE FROM reservations WHERE order_id = '${saga}'`,
    reservation(saga, 'SOLD'),
    {
      'stock agrees with reservations': ['tea'],
      'a confirmed order has its stock': [saga],
      'every reservation was asked for': [saga],
    },
  ],
  [
    'a reservation is still held',
    'inventory',
    `UPDATE reservations SET state = 'HELD' WHERE order_id = '${tcc}'; UPDATE stock SET sold = 4, reserved = 2`,
    `UPDATE reservations SET state = 'SOLD' WHERE order_id = '${tcc}'; UPDATE stock SET sold = 6, reserved = 0`,
    { 'a confirmed order has its stock': [tcc], 'every reservation was asked for': [tcc] },
  ],
  [
    'a rejected order keeps its stock',
    'inventory',
    `UPDATE reservations SET state = 'SOLD' WHERE order_id = '${refused}'; UPDATE stock SET sold = 8, available = 2`,
    `UPDATE reservations SET state = 'RELEASED' WHERE order_id = '${refused}'; UPDATE stock SET sold = 6, available = 4`,
    { 'a rejected or cancelled order has no stock': [refused], 'every reservation was asked for': [refused] },
  ],
  [
    'an order was compensated though its transaction was committed',
    'inventory',
    barrier2(saga, 1, 'COMPENSATE'),
    `DELETE FROM barrier WHERE (transaction_id, phase) = ('${saga}', 2)`,
    { 'every branch ends as its transaction did': [`${saga}/1`], 'every reservation was asked for': [saga] },
  ],
  [
    'an order is lost',
    'orders',
    `DELETE FROM orders WHERE order_id = '${twoPhase}'`,
    order(twoPhase, 'CONFIRMED', 'TWO_PHASE'),
    {
      'an order is what its transaction is': [twoPhase],
      'whatever is taken belongs to an order': [twoPhase, twoPhase],
    },
  ],
  [
    'an order is rejected though its transaction was committed',
    'orders',
    `UPDATE orders SET status = 'REJECTED', rejection_code = 'X' WHERE order_id = '${saga}'`,
    `UPDATE orders SET status = 'CONFIRMED', rejection_code = NULL WHERE order_id = '${saga}'`,
    {
      'an order is what its transaction is': [saga],
      'a rejected or cancelled order has no stock': [saga],
      'a rejected order costs nothing': [saga],
    },
  ],
  [
    'an order hangs',
    'orders',
    `UPDATE orders SET status = 'CANCELLING', updated_at = now() - interval '1 minute' WHERE order_id = '${saga}'`,
    `UPDATE orders SET status = 'CONFIRMED' WHERE order_id = '${saga}'`,
    { 'every order ends': [saga] },
  ],
  [
    'a transaction hangs',
    'transactions',
    `UPDATE transactions SET state = 'COMMITTING', created_at = now() - interval '1 minute' WHERE transaction_id = '${saga}'`,
    `UPDATE transactions SET state = 'COMMITTED' WHERE transaction_id = '${saga}'`,
    { 'every transaction ends': [saga] },
  ],
  [
    'a decision changes',
    'transactions',
    `UPDATE transactions SET state = 'ABORTED' WHERE transaction_id = '${saga}'`,
    `UPDATE transactions SET state = 'COMMITTED' WHERE transaction_id = '${saga}'`,
    {
      'an order is what its transaction is': [saga],
      'every branch ends as its transaction did': [0, 1, 2, 3].map((branch) => `${saga}/${branch}`),
    },
  ],
];

function barrier2(transactionId: string, branch: number, operation: string): string {
  return `INSERT INTO barrier (transaction_id, branch, phase, operation, outcome) VALUES ('${transactionId}', ${branch}, 2, '${operation}', 'done')`;
}

/** What the schema itself forbids is to be found too: it may have been another one when the damage was done. */
beforeAll(() =>
  run('inventory', 'ALTER TABLE stock DROP CONSTRAINT stock_check, DROP CONSTRAINT stock_available_check'),
);
beforeAll(() => run('payments', 'ALTER TABLE accounts DROP CONSTRAINT accounts_check'));

test.each(breakages)('%s', async (_, database, damage, repair, noticed) => {
  await run(database, damage);
  const found = await broken();
  await run(database, repair);
  expect(found).toEqual(noticed);
});

test('a transaction that stays prepared, with its locks', async () => {
  const gid = 'assent_check_test';
  await run('payments', 'BEGIN', 'UPDATE accounts SET held = 0', `PREPARE TRANSACTION '${gid}'`);
  const found = await broken();
  await run('payments', `ROLLBACK PREPARED '${gid}'`);
  expect(found).toEqual({ 'nothing is in doubt': [gid] });
});

test('a session that forgot its database transaction', async () => {
  const client = new pg.Client({ connectionString: urls.orders });
  await client.connect();
  await client.query('BEGIN; SELECT 1');
  const found = await broken();
  await client.end();
  expect(Object.keys(found)).toEqual(['nothing is locked for long']);
});

test('an order that ended late after the last fault', async () => {
  await run(
    'transactions',
    `UPDATE transactions SET created_at = '2026-01-01T00:00:00Z' WHERE transaction_id = '${saga}'`,
  );
  await run('orders', `UPDATE orders SET updated_at = '2026-01-01T00:00:59Z' WHERE order_id = '${saga}'`);
  const late = async (healed: string, within_s: number) => {
    const { violations } = await judge({
      history: [],
      sources: urls,
      settled_s: 0,
      healed: { at_ms: Date.parse(healed), within_s },
    });
    return violations.map(({ invariant, subject }) => `${invariant}: ${subject}`);
  };
  expect(await late('2026-01-01T00:00:30Z', 10)).toEqual([`every order ends soon after the last fault: ${saga}`]);
  expect(await late('2026-01-01T00:00:30Z', 30)).toEqual([]);
  expect(await late('2025-12-31T23:59:59Z', 10)).toEqual([]);
});

test('what is only seen once was under way and is no violation', async () => {
  await run('payments', 'UPDATE accounts SET held = 200');
  const { findings } = await verify(
    { databases: urls, histories: [], settled_s: 1 },
    () => void run('payments', 'UPDATE accounts SET held = 0'),
  );
  expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
});

test('each invariant is broken by some test here', () => {
  const tested = new Set(breakages.flatMap(([, , , , noticed]) => Object.keys(noticed)));
  const elsewhere = ['every order ends soon after the last fault', 'nothing is in doubt', 'nothing is locked for long'];
  expect(invariants.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual(elsewhere);
});

test('a database without its tables is named', async () => {
  const name = new URL(urls.orders).pathname.slice(1);
  const wrong = verify({ databases: { ...urls, payments: urls.orders }, histories: [], settled_s: 0 });
  await expect(wrong).rejects.toThrow(`the database ${name}: relation "accounts" does not exist`);
});

test('an empty platform is not proven right', () => {
  const look = { counts: { orders: 0, transactions: 0 }, operations: {}, findings: [] };
  const verdict = {
    passed: false,
    enough: false,
    shortfall: 'no order was ever placed',
    violations: [],
    counts: {},
  };
  expect(describeVerdict(verdict, look)).toContain('this proves nothing: no order was ever placed');
});
