// Escrow in the accounts: what happens with it, and what would happen without it. See docs/isolation.md.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database, Sql } from '@assent/postgres';
import { openTestDatabase, overlap, patient } from '@assent/testing';
import type { HandledOperation, Outcome } from '@assent/transactions/participant';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actions } from './actions.ts';
import { deposit, getAccount, insertAccount, post } from './store.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'payment', directory: join(import.meta.dirname, 'migrations') }], patient);
});
afterAll(() => database?.close());

/** A charge of 80 to an account: as the service has it, or naively. */
type Step = (sql: Sql, accountId: string, orderId?: string) => Promise<Outcome>;

const cents = 80n;
const done: Outcome = { type: 'done' };
const refused: Outcome = { type: 'rejected', code: 'INSUFFICIENT_FUNDS', message: '' };

/** As the service has it. */
function ofService(operation: HandledOperation): Step {
  const { parse, handlers } = actions.find(({ name }) => name === 'charge')!;
  return async (sql, accountId, transactionId = randomUUID()) => {
    const payload = parse({ accountId, amount: { amount: `${cents}`, currency: 'EUR' } });
    const [outcome] = await handlers[operation]!(sql, [{ transactionId, branch: 2, inputs: {}, payload }]);
    return outcome!;
  };
}

/** A new account with 100. */
async function funded(): Promise<string> {
  const accountId = randomUUID();
  await insertAccount(database, accountId, 'EUR');
  await deposit(database, accountId, { amount: 100n, currency: 'EUR' }, 'first');
  return accountId;
}

/** What the account has, and what it should have by its entries. */
async function balances(accountId: string) {
  const { rows } = await database.query<{ ledger: string }>(
    'SELECT sum(amount)::text AS ledger FROM entries WHERE account_id = $1',
    [accountId],
  );
  return { balance: (await getAccount(database, accountId))?.balance, ledger: BigInt(rows[0]?.ledger ?? 0) };
}

test('money is spent once', async () => {
  const spendTwice = async (charge: Step) => {
    const accountId = await funded();
    const answers = await overlap(
      database,
      (sql) => charge(sql, accountId),
      (sql) => charge(sql, accountId),
    );
    return { answers: answers.map(({ type }) => type), ...(await balances(accountId)) };
  };
  /** Reads without a lock, and writes what it has worked out. */
  const naive: Step = async (sql, accountId) => {
    const { balance } = (await getAccount(sql, accountId))!;
    if (balance < cents) return refused;
    await sql.query('UPDATE accounts SET balance = $2 WHERE account_id = $1', [accountId, balance - cents]);
    await sql.query(`INSERT INTO entries (account_id, order_id, kind, amount) VALUES ($1, $2, 'CHARGE', $3)`, [
      accountId,
      randomUUID(),
      -cents,
    ]);
    return done;
  };

  for (const charge of ['ACTION', 'PREPARE'] as const) {
    const answers = ['done', 'rejected'];
    expect(await spendTwice(ofService(charge))).toEqual({ answers, balance: 20n, ledger: 20n });
  }
  expect(await spendTwice(naive)).toEqual({ answers: ['done', 'done'], balance: 20n, ledger: -60n });
});

test('what is held for one order is not there for another', async () => {
  const holdThenSpend = async (hold: Step, confirm: Step) => {
    const [accountId, orderId] = [await funded(), randomUUID()];
    const run = (step: Step, order?: string) => database.transaction((sql) => step(sql, accountId, order));
    const held = await run(hold, orderId);
    const other = await run(ofService('ACTION'));
    // Decided: who was told yes must be able to pay now.
    const [confirmed] = await Promise.allSettled([run(confirm, orderId)]);
    return { answers: [held.type, other.type], confirmed: confirmed.status, ...(await balances(accountId)) };
  };
  /** Only looks whether there is enough, and takes it when the order is decided. */
  const naive: Step = async (sql, accountId) => ((await getAccount(sql, accountId))!.balance < cents ? refused : done);
  const takeNow: Step = async (sql, accountId, orderId = '') => {
    await post(sql, [{ accountId, orderId, entry: { kind: 'CHARGE', amount: -cents } }]);
    return done;
  };

  const left = { balance: 20n, ledger: 20n };
  expect(await holdThenSpend(ofService('TRY'), ofService('CONFIRM'))).toEqual({
    answers: ['done', 'rejected'],
    confirmed: 'fulfilled',
    ...left,
  });
  expect(await holdThenSpend(naive, takeNow)).toEqual({ answers: ['done', 'done'], confirmed: 'rejected', ...left });
});
