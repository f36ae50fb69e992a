import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Database, sqlState } from '@assent/postgres';
import { openTestDatabase } from '@assent/testing';
import type { HandledOperation, Json, Outcome } from '@assent/transactions/participant';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actions } from './actions.ts';
import { deposit, getAccount, insertAccount, listEntries } from './store.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'payment', directory: join(import.meta.dirname, 'migrations') }]);
});
afterAll(() => database?.close());

const eur = (amount: bigint) => ({ amount, currency: 'EUR' });
const ids = ['ann', 'bob'];

beforeEach(async () => {
  await database.query('TRUNCATE accounts, entries');
  for (const id of ids) {
    await insertAccount(database, id, 'EUR');
    await deposit(database, id, eur(100n), 'first');
  }
});

interface Call {
  readonly transactionId: string;
  readonly payload: Json;
}

function order(accountId: string, amount: number, currency = 'EUR', transactionId: string = randomUUID()): Call {
  return { transactionId, payload: { accountId, amount: { amount: String(amount), currency } } };
}

/** One batch, as the participant library would do it. */
function perform(name: string, operation: HandledOperation, ...calls: Call[]): Promise<readonly Outcome[]> {
  const action = actions.find((one) => one.name === name)!;
  return database.transaction((sql) =>
    action.handlers[operation]!(
      sql,
      calls.map(({ payload, ...call }) => ({ ...call, branch: 2, inputs: {}, payload: action.parse(payload) })),
    ),
  );
}

const charge = (operation: HandledOperation, ...calls: Call[]) => perform('charge', operation, ...calls);

/** Balance, and what of it is held. */
async function money(accountId: string): Promise<[bigint, bigint] | undefined> {
  const account = await getAccount(database, accountId);
  return account && [account.balance, account.held];
}

async function entries(accountId: string): Promise<[string, bigint, string | null][]> {
  const rows = await listEntries(database, accountId, { size: 100, after: undefined, list: '' });
  return rows.map(({ kind, amount, orderId }) => [kind, amount, orderId]);
}

const done = { type: 'done' };
const first = ['DEPOSIT', 100n, null];

describe('an order’s money', () => {
  test('is charged at once by ACTION and PREPARE, and refunded by COMPENSATE', async () => {
    const [a, b] = [order('ann', 30), order('ann', 50)];
    expect(await charge('ACTION', a)).toEqual([done]);
    expect(await charge('PREPARE', b)).toEqual([done]);
    expect(await money('ann')).toEqual([20n, 0n]);
    expect(await charge('COMPENSATE', a)).toEqual([done]);
    expect(await money('ann')).toEqual([50n, 0n]);
    expect(await entries('ann')).toEqual([
      ['REFUND', 30n, a.transactionId],
      ['CHARGE', -50n, b.transactionId],
      ['CHARGE', -30n, a.transactionId],
      first,
    ]);
  });

  test('is held by TRY, then charged by CONFIRM or let go by CANCEL', async () => {
    const [a, b, c] = [order('ann', 30), order('ann', 50), order('bob', 100)];
    expect(await charge('TRY', a, b, c)).toEqual([done, done, done]);
    expect([await money('ann'), await money('bob')]).toEqual([
      [100n, 80n],
      [100n, 100n],
    ]);
    expect(await entries('ann')).toEqual([first]);
    expect(await charge('CONFIRM', c, a)).toEqual([done, done]);
    expect(await charge('CANCEL', b)).toEqual([done]);
    expect([await money('ann'), await money('bob')]).toEqual([
      [70n, 0n],
      [0n, 0n],
    ]);
    expect(await entries('ann')).toEqual([['CHARGE', -30n, a.transactionId], first]);
  });

  test('comes back when the order is cancelled', async () => {
    const a = order('ann', 30);
    await charge('ACTION', a);
    const payload = { orderId: a.transactionId, accountId: 'ann', amount: { amount: '30', currency: 'EUR' } };
    expect(await perform('refund', 'DELIVER', { transactionId: randomUUID(), payload })).toEqual([done]);
    expect(await money('ann')).toEqual([100n, 0n]);
    expect((await entries('ann'))[0]).toEqual(['REFUND', 30n, a.transactionId]);
  });

  test('each charge of a batch has an answer of its own', async () => {
    const calls = [order('ann', 60), order('ann', 60), order('eve', 1), order('bob', 1, 'USD'), order('ann', 40)];
    expect(await charge('ACTION', ...calls)).toEqual([
      done,
      { type: 'rejected', code: 'INSUFFICIENT_FUNDS', message: '60 wanted, 40 available, in minor units of EUR' },
      { type: 'rejected', code: 'UNKNOWN_ACCOUNT', message: 'there is no account eve' },
      { type: 'rejected', code: 'CURRENCY_MISMATCH', message: 'the account is in EUR, the charge in USD' },
      done,
    ]);
    expect([await money('ann'), await money('bob')]).toEqual([
      [0n, 0n],
      [100n, 0n],
    ]);
    expect((await entries('ann')).map(([, amount]) => amount)).toEqual([-40n, -60n, 100n]);
  });

  test('cannot be held away from what it was held for', async () => {
    await charge('TRY', order('ann', 80));
    expect(await charge('ACTION', order('ann', 21), order('ann', 20))).toEqual([
      expect.objectContaining({ code: 'INSUFFICIENT_FUNDS' }),
      done,
    ]);
  });

  test('is never paid back to nobody', async () => {
    const payload = { orderId: randomUUID(), accountId: 'eve', amount: { amount: '30', currency: 'EUR' } };
    await expect(perform('refund', 'DELIVER', { transactionId: randomUUID(), payload })).rejects.toThrow(
      "1 of the accounts don't exist",
    );
  });
});

test.each<[string, Json]>([
  ['nothing', null],
  ['no amount', { accountId: 'ann' }],
  ['less than nothing', order('ann', -1).payload],
  ['a part of a cent', order('ann', 1.5).payload],
  ['more than 64 bits', { accountId: 'ann', amount: { amount: '9223372036854775808', currency: 'EUR' } }],
])('%s is no payload', (_, payload) => {
  expect(() => actions[0]?.parse(payload)).toThrow();
});

const unbalanced = `
  SELECT account_id FROM accounts a LEFT JOIN entries e USING (account_id) GROUP BY account_id, a.balance, a.held
  HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.held <> 0`;

test('batches that overlap in any order neither wait in a circle nor pay too much', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const batch = Array.from({ length: 10 }, (_unused, j) => order(ids[(i + j) % 2]!, 7));
      const tried = await charge('TRY', ...batch);
      const held = batch.filter((_call, j) => tried[j]?.type === 'done');
      if (held.length > 1) await Promise.all([charge('CONFIRM', ...held.slice(1)), charge('CANCEL', held[0]!)]);
      if (held.length === 1) await charge('CONFIRM', held[0]!);
      return held.length;
    }),
  );
  expect(outcomes.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(28);
  expect((await database.query(unbalanced)).rows).toEqual([]);
});

test('whatever is done in whatever batches, every balance follows from its entries', async () => {
  const wants = fc.array(fc.tuple(fc.constantFrom(...ids), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(wants, fc.boolean(), fc.integer({ min: 0, max: 8 }), async (wanted, tcc, undone) => {
      const batch = wanted.map(([id, amount]) => order(id, amount));
      const before = (await money('ann'))![0] + (await money('bob'))![0];
      const outcomes = await charge(tcc ? 'TRY' : 'ACTION', ...batch);
      const taken = batch.flatMap((call, i) => (outcomes[i]?.type === 'done' ? [{ call, amount: wanted[i]![1] }] : []));
      const [back, kept] = [taken.slice(0, undone), taken.slice(undone)];
      if (back.length > 0) await charge(tcc ? 'CANCEL' : 'COMPENSATE', ...back.map(({ call }) => call));
      if (tcc && kept.length > 0) await charge('CONFIRM', ...kept.map(({ call }) => call));
      expect((await database.query(unbalanced)).rows).toEqual([]);
      const paid = kept.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
      expect((await money('ann'))![0] + (await money('bob'))![0]).toBe(before - paid);
    }),
    { numRuns: 40 },
  );
});

test('a deposit counts once for each key, and not beyond what can be held', async () => {
  expect(await deposit(database, 'ann', eur(5n), 'first')).toBe(false);
  expect(await deposit(database, 'ann', eur(5n), 'second')).toBe(true);
  await Promise.all([1, 2, 3].map(() => deposit(database, 'ann', eur(5n), 'third')));
  expect(await deposit(database, 'bob', eur(5n), 'second')).toBe(true);
  expect(await deposit(database, 'eve', eur(5n), 'second')).toBe(false);
  expect(await deposit(database, 'ann', { amount: 5n, currency: 'USD' }, 'fourth')).toBe(false);
  expect(await deposit(database, 'ann', eur(2n ** 63n - 1n), 'fourth').catch(sqlState)).toBe('22003');
  expect(await money('ann')).toEqual([110n, 0n]);
  expect((await database.query(unbalanced)).rows).toEqual([]);
});
