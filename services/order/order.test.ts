import { read } from '@assent/messages';
import type { Money } from '@assent/money';
import type { RpcError } from '@assent/rpc';
import { describe, expect, test } from '@jest/globals';
import { checkoutKey, fingerprint, price, readLines, type Wanted } from './order.ts';

const eur = (amount: bigint): Money => ({ amount, currency: 'EUR' });
const offers = new Map([
  ['tea', { unitPrice: eur(250n), shard: 0 }],
  ['cup', { unitPrice: eur(1999n), shard: 1 }],
  ['yacht', { unitPrice: eur(2n ** 62n), shard: 0 }],
  ['bagel', { unitPrice: { amount: 300n, currency: 'USD' }, shard: 0 }],
]);
const wanted = (...lines: [string, number][]): Wanted => ({
  accountId: 'ann',
  mode: 'SAGA',
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
});

/** What is found wrong, as `field: description`. */
function complaints(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return (
      (error as RpcError).violations?.map(({ field, description }) => `${field}: ${description}`) ?? [String(error)]
    );
  }
}

describe('lines', () => {
  const lines =
    (...given: [string, number][]) =>
    () =>
      read((is) => readLines(is, wanted(...given).lines));

  test('name each product once', () => {
    expect(lines(['tea', 1], ['cup', 1_000_000])()).toEqual(wanted(['tea', 1], ['cup', 1_000_000]).lines);
    expect(complaints(lines(['tea', 1], ['cup', 1], ['tea', 2]))).toEqual(['lines[2].sku: must be in one line only']);
  });
  test('are 1 to 100', () => {
    expect(complaints(lines())).toEqual(['lines: must be 1 to 100']);
    for (const count of [101, 10_000]) {
      expect(complaints(lines(...Array.from({ length: count }, (_, i): [string, number] => [`sku-${i}`, 0])))).toEqual([
        'lines: must be 1 to 100',
      ]);
    }
  });
  test.each([0, -1, 1_000_001, 2 ** 31 - 1, -(2 ** 31)])('cannot have a quantity of %s', (quantity) => {
    expect(complaints(lines(['tea', 1], ['cup', quantity]))).toEqual(['lines[1].quantity: must be 1 to 1000000']);
  });
});

describe('a price', () => {
  const priced = (order: Wanted, currency: string | undefined = 'EUR') =>
    read((is) => price(is, order, offers, currency));

  test('is the sum of the lines', () => {
    expect(priced(wanted(['tea', 4], ['cup', 2]))).toEqual({
      ...wanted(),
      lines: [
        { sku: 'tea', quantity: 4, unitPrice: eur(250n), shard: 0 },
        { sku: 'cup', quantity: 2, unitPrice: eur(1999n), shard: 1 },
      ],
      total: eur(4998n),
    });
  });
  test.each<[string, Wanted, string | undefined, string[]]>([
    ['an unknown product', wanted(['tea', 1], ['rum', 1]), 'EUR', ['lines[1].sku: is not a product']],
    ['an overflow in a line', wanted(['yacht', 3]), 'EUR', ['lines[0].quantity: makes the total exceed 64 bits']],
    [
      'two currencies',
      wanted(['tea', 1], ['bagel', 1]),
      'EUR',
      ['lines[1].sku: is priced in another currency than the lines before it'],
    ],
    [
      'an account in another',
      wanted(['bagel', 1]),
      'EUR',
      ['accountId: is an account in EUR, the products are priced in USD'],
    ],
    [
      'everything at once',
      wanted(['rum', 1], ['__proto__', 1]),
      undefined,
      ['accountId: is not an account', 'lines[0].sku: is not a product', 'lines[1].sku: is not a product'],
    ],
  ])('cannot be put to %s', (_, order, currency, expected) => {
    expect(complaints(() => read((is) => price(is, order, offers, currency)))).toEqual(expected);
  });
  test('fits 64 bits', () => {
    expect(priced(wanted(['yacht', 1])).total).toEqual(eur(2n ** 62n));
    const twice = new Map([...offers, ['ship', { unitPrice: eur(2n ** 62n), shard: 0 }] as const]);
    expect(complaints(() => read((is) => price(is, wanted(['yacht', 1], ['ship', 1]), twice, 'EUR')))).toEqual([
      'lines[1].quantity: makes the total exceed 64 bits',
    ]);
  });
});

describe('an idempotency key', () => {
  test('stands for a request, whatever the prices', () => {
    const print = fingerprint(wanted(['tea', 1], ['cup', 2]));
    expect(
      fingerprint({
        ...wanted(['tea', 1], ['cup', 2]),
        lines: [
          { sku: 'tea', quantity: 1, unitPrice: eur(1n) },
          { sku: 'cup', quantity: 2 },
        ] as never,
      }),
    ).toBe(print);
    const others: Wanted[] = [
      wanted(['tea', 1], ['cup', 1]),
      wanted(['cup', 2], ['tea', 1]),
      wanted(['tea', 1]),
      { ...wanted(['tea', 1], ['cup', 2]), mode: 'TCC' },
      { ...wanted(['tea', 1], ['cup', 2]), accountId: 'bob' },
    ];
    expect(new Set([print, ...others.map(fingerprint)]).size).toBe(others.length + 1);
  });
  test('is one account’s own, and short enough', () => {
    expect(checkoutKey('ann', 'k')).not.toBe(checkoutKey('bob', 'k'));
    expect(checkoutKey('x'.repeat(64), '~'.repeat(200))).toMatch(/^[\x21-\x7e]{1,255}$/);
  });
});
