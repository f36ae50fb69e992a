// The semantic lock on orders, and that they are confirmed last: what happens with it, and what would happen without it. See
// docs/isolation.md.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database, Sql } from '@assent/postgres';
import { openTestDatabase, overlap, patient } from '@assent/testing';
import type { BranchCall, HandledOperation, Outcome } from '@assent/transactions/participant';
import { type Branch, newTransaction, step } from '@assent/transactions/protocol';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actions } from './actions.ts';
import { checkout } from './checkout.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'order', directory: join(import.meta.dirname, 'migrations') }], patient);
  // What the shop and the customer owe each other, in place of the payments.
  await database.query('CREATE TABLE ledger (order_id uuid, amount integer)');
});
afterAll(() => database?.close());

const price = 500;
const payload = {
  accountId: 'ann',
  mode: 'SAGA',
  lines: [{ sku: 'tea', quantity: 2, unitPrice: { amount: '250', currency: 'EUR' } }],
  total: { amount: `${price}`, currency: 'EUR' },
};

/** An operation on one order: as the service has it, or naively. */
type Step = (sql: Sql, orderId: string) => Promise<Outcome>;

const done: Outcome = { type: 'done' };
const refused: Outcome = { type: 'rejected', code: 'ORDER_NOT_CONFIRMED', message: '' };

/** As the service has it. */
function ofService(name: string, operation: HandledOperation): Step {
  const { parse, handlers } = actions.find((action) => action.name === name)!;
  return async (sql, orderId) => {
    const isPlacing = name === 'create' || name === 'confirm';
    const call: BranchCall<unknown> = {
      transactionId: isPlacing ? orderId : randomUUID(),
      branch: 0,
      inputs: {},
      payload: parse(isPlacing ? payload : { orderId }),
    };
    const [outcome] = await handlers[operation]!(sql, [call]);
    return outcome!;
  };
}

const create = ofService('create', 'ACTION');
const undoCreate = ofService('create', 'COMPENSATE');
const confirm = ofService('confirm', 'DELIVER');
const beginCancel = ofService('begin-cancel', 'ACTION');

/** Puts the order in a status, whatever it was in. */
const set = async (sql: Sql, orderId: string, status: string) => {
  const code = status === 'REJECTED' ? 'OUT_OF_STOCK' : null;
  await sql.query('UPDATE orders SET status = $2, rejection_code = $3 WHERE order_id = $1', [orderId, status, code]);
  return done;
};

async function statusOf(sql: Sql, orderId: string): Promise<string | undefined> {
  return (await sql.query<{ status: string }>('SELECT status FROM orders WHERE order_id = $1', [orderId])).rows[0]
    ?.status;
}

async function pay(orderId: string, amount: number): Promise<void> {
  await database.query('INSERT INTO ledger VALUES ($1, $2)', [orderId, amount]);
}

/** What the customer has paid for an order, less what came back. */
async function paid(orderId: string): Promise<number> {
  const { rows } = await database.query<{ paid: bigint }>(
    'SELECT coalesce(sum(amount), 0) AS paid FROM ledger WHERE order_id = $1',
    [orderId],
  );
  return Number(rows[0]?.paid);
}

/** One after the other, each in a transaction of its own: the steps of sagas. */
const run = (step: Step, orderId: string) => database.transaction((sql) => step(sql, orderId));

test('an order that is cancelled twice at the same time is refunded once', async () => {
  const cancelTwice = async (begin: Step) => {
    const orderId = randomUUID();
    await run(create, orderId);
    await pay(orderId, price);
    await run(confirm, orderId);
    const begun = await overlap(
      database,
      (sql) => begin(sql, orderId),
      (sql) => begin(sql, orderId),
    );
    for (const { type } of begun) if (type === 'done') await pay(orderId, -price);
    return { begun: begun.map(({ type }) => type), paid: await paid(orderId) };
  };
  /** Looks first, then writes. */
  const naive: Step = async (sql, orderId) =>
    (await statusOf(sql, orderId)) === 'CONFIRMED' ? set(sql, orderId, 'CANCELLING') : refused;

  expect(await cancelTwice(beginCancel)).toEqual({ begun: ['done', 'rejected'], paid: 0 });
  expect(await cancelTwice(naive)).toEqual({ begun: ['done', 'done'], paid: -price });
});

test('an order that is still being placed is not cancelled: what is undone anyway would be paid back twice', async () => {
  const cancelWhilePlacing = async (create: Step, undoCreate: Step) => {
    const orderId = randomUUID();
    await run(create, orderId);
    await pay(orderId, price);
    const begun = await run(beginCancel, orderId);
    // The stock says no: the order is undone in reverse.
    await pay(orderId, -price);
    await run(undoCreate, orderId);
    if (begun.type === 'done') await pay(orderId, -price);
    return { begun: begun.type, paid: await paid(orderId), status: await statusOf(database, orderId) };
  };
  /** There is an order or there is none. */
  const naive: Step = async (sql, orderId) => {
    await create(sql, orderId);
    return set(sql, orderId, 'CONFIRMED');
  };
  const undoNaive: Step = (sql, orderId) => set(sql, orderId, 'REJECTED');

  expect(await cancelWhilePlacing(create, undoCreate)).toEqual({ begun: 'rejected', paid: 0, status: 'REJECTED' });
  expect(await cancelWhilePlacing(naive, undoNaive)).toEqual({ begun: 'done', paid: -price, status: 'REJECTED' });
});

test('an order is the cancellation’s that has begun until that ends: another one’s undo would confirm what was given back', async () => {
  const undo = ofService('begin-cancel', 'COMPENSATE');
  const cancelInTurns = async (begin: Step) => {
    const orderId = randomUUID();
    await run(create, orderId);
    await pay(orderId, price);
    await run(confirm, orderId);
    await run(begin, orderId);
    const second = await run(begin, orderId);
    if (second.type === 'done') await pay(orderId, -price);
    // The first one has timed out before it was decided.
    await run(undo, orderId);
    return { second: second.type, paid: await paid(orderId), status: await statusOf(database, orderId) };
  };
  /** Refuses only what can never be cancelled. */
  const naive: Step = async (sql, orderId) =>
    (await statusOf(sql, orderId)) === 'REJECTED' ? refused : set(sql, orderId, 'CANCELLING');

  expect(await cancelInTurns(beginCancel)).toEqual({ second: 'rejected', paid: price, status: 'CONFIRMED' });
  expect(await cancelInTurns(naive)).toEqual({ second: 'done', paid: 0, status: 'CONFIRMED' });
});

/** What the coordinator asks for as soon as a transaction is committed, when nothing of that has been answered yet. */
function askedAtOnce(branches: readonly Branch[]): string[] {
  let next = step(newTransaction(branches), { type: 'owned', state: 'RUNNING' });
  for (const commands = [...next.commands]; ; ) {
    const command = commands.shift();
    if (command?.type === 'send') {
      const { branch, operation } = command;
      next = step(next.transaction, { type: 'outcome', branch, operation, outcome: { type: 'done' } });
      commands.push(...next.commands);
    }
    if (command?.type === 'log') break;
  }
  const sent = step(next.transaction, { type: 'logged' }).commands.filter((command) => command.type === 'send');
  return sent.map(({ branch, operation }) => `${operation} ${branches[branch]?.name}`).sort();
}

// The saga has nothing left to do by then.
test.each([
  ['TCC', ['CONFIRM charge', 'CONFIRM reserve', 'CONFIRM reserve-1']],
  ['TWO_PHASE', ['COMMIT charge', 'COMMIT reserve', 'COMMIT reserve-1']],
] as const)(
  'as %s, whoever sees an order CONFIRMED finds its stock and its money where they should be',
  (mode, before) => {
    const eur = (amount: bigint) => ({ amount, currency: 'EUR' });
    const line = { sku: 'tea', quantity: 2, unitPrice: eur(250n) };
    const lines = [0, 1].map((shard) => ({ ...line, sku: `tea-${shard}`, shard }));
    const branches = checkout({ accountId: 'ann', mode, lines, total: eur(1000n) }) as Branch[];
    const naive = branches.map((branch) => (branch.name === 'confirm' ? { ...branch, after: ['create'] } : branch));

    expect(askedAtOnce(branches)).toEqual(before);
    expect(askedAtOnce(naive)).toEqual([...before, 'DELIVER confirm']);
  },
);
