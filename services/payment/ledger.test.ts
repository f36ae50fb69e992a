import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Account, type Charge, pay } from './ledger.ts';

const account = (accountId: string, balance: bigint, held = 0n): Account => ({
  accountId,
  currency: 'EUR',
  balance,
  held,
});
const charge = (accountId: string, amount: bigint, currency = 'EUR'): Charge => ({
  accountId,
  amount: { amount, currency },
});
const done = { type: 'done' };

describe('a charge is refused', () => {
  test.each<[string, Charge, string, string]>([
    ['without an account', charge('eve', 1n), 'UNKNOWN_ACCOUNT', 'there is no account eve'],
    ['in another currency', charge('ann', 1n, 'USD'), 'CURRENCY_MISMATCH', 'the account is in EUR, the charge in USD'],
    [
      'when money is missing',
      charge('ann', 101n),
      'INSUFFICIENT_FUNDS',
      '101 wanted, 100 available, in minor units of EUR',
    ],
    [
      'when the money is set aside',
      charge('bob', 61n),
      'INSUFFICIENT_FUNDS',
      '61 wanted, 60 available, in minor units of EUR',
    ],
    [
      'however much it is',
      charge('ann', 2n ** 63n - 1n),
      'INSUFFICIENT_FUNDS',
      '9223372036854775807 wanted, 100 available, in minor units of EUR',
    ],
  ])('%s', (_, wanted, code, message) => {
    expect(pay([account('ann', 100n), account('bob', 100n, 40n)], [wanted])).toEqual([
      { type: 'rejected', code, message },
    ]);
  });
});

test('several charges of an account are paid one after the other', () => {
  const charges = [charge('ann', 60n), charge('ann', 60n), charge('ann', 40n), charge('ann', 0n), charge('ann', 1n)];
  expect(pay([account('ann', 100n)], charges).map(({ type }) => type)).toEqual([
    'done',
    'rejected',
    'done',
    'done',
    'rejected',
  ]);
});

test('no account pays more than it has, and no charge is refused that fits', () => {
  const ids = ['a', 'b'];
  fc.assert(
    fc.property(
      fc.tuple(fc.bigInt(0n, 50n), fc.bigInt(0n, 50n)),
      fc.array(fc.tuple(fc.constantFrom(...ids), fc.bigInt(0n, 20n)), { maxLength: 30 }),
      (balances, wanted) => {
        const left = new Map(ids.map((id, i) => [id, balances[i] as bigint]));
        const verdicts = pay(
          ids.map((id, i) => account(id, balances[i] as bigint)),
          wanted.map(([id, amount]) => charge(id, amount)),
        );
        for (const [i, [id, amount]] of wanted.entries()) {
          const fits = (left.get(id) as bigint) >= amount;
          expect(verdicts[i]).toEqual(fits ? done : expect.objectContaining({ code: 'INSUFFICIENT_FUNDS' }));
          if (fits) left.set(id, (left.get(id) as bigint) - amount);
        }
        for (const rest of left.values()) expect(rest).toBeGreaterThanOrEqual(0n);
      },
    ),
  );
});
