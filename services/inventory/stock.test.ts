import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Level, type Line, sell } from './stock.ts';

const eur = (amount: bigint) => ({ amount, currency: 'EUR' });
const level = (available: bigint, price = 100n): Level => ({ available, price: eur(price) });
const line = (sku: string, quantity: number, price = 100n): Line => ({ sku, quantity, unitPrice: eur(price) });
const done = { type: 'done' };

const stock = new Map([
  ['tea', level(3n)],
  ['cup', level(1n, 500n)],
  ['gone', level(0n)],
]);

describe('an order has all its lines or none', () => {
  test.each<[string, Line[], string, string]>([
    ['a product that is not there', [line('tea', 1), line('rum', 1)], 'UNKNOWN_PRODUCT', 'there is no product rum'],
    ['a name of an object', [line('__proto__', 1)], 'UNKNOWN_PRODUCT', 'there is no product __proto__'],
    ['a price of yesterday', [line('tea', 1), line('cup', 1, 499n)], 'PRICE_CHANGED', 'the price of cup has changed'],
    [
      'a price in another currency',
      [{ ...line('tea', 1), unitPrice: { amount: 100n, currency: 'USD' } }],
      'PRICE_CHANGED',
      'the price of tea has changed',
    ],
    ['too many', [line('cup', 1, 500n), line('tea', 4)], 'OUT_OF_STOCK', '4 of tea wanted, 3 available'],
    ['the first that fails', [line('gone', 1), line('rum', 1)], 'OUT_OF_STOCK', '1 of gone wanted, 0 available'],
  ])('%s', (_, lines, code, message) => {
    expect(sell(stock, [lines])).toEqual([{ type: 'rejected', code, message }]);
  });

  test('and takes nothing when it is refused', () => {
    expect(sell(stock, [[line('tea', 3), line('gone', 1)], [line('tea', 3)]])).toEqual([
      expect.objectContaining({ code: 'OUT_OF_STOCK' }),
      done,
    ]);
  });
});

test('whoever comes first takes what a later one then cannot have', () => {
  expect(sell(stock, [[line('tea', 2)], [line('tea', 2)], [line('tea', 1)]])).toEqual([
    done,
    { type: 'rejected', code: 'OUT_OF_STOCK', message: '2 of tea wanted, 1 available' },
    done,
  ]);
});

test('never sells what is not there, and refuses only what does not fit', () => {
  const skus = ['a', 'b', 'c'];
  const orders = fc.array(
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...skus), fc.integer({ min: 1, max: 5 })), {
        minLength: 1,
        selector: ([sku]) => sku,
      })
      .map((lines) => lines.map(([sku, quantity]) => line(sku, quantity))),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(fc.tuple(fc.bigInt(0n, 20n), fc.bigInt(0n, 20n), fc.bigInt(0n, 20n)), orders, (available, wanted) => {
      const left = new Map(skus.map((sku, i) => [sku, available[i] as bigint]));
      const verdicts = sell(new Map(skus.map((sku, i) => [sku, level(available[i] as bigint)])), wanted);
      expect(verdicts).toHaveLength(wanted.length);
      for (const [i, lines] of wanted.entries()) {
        const fits = lines.every(({ sku, quantity }) => (left.get(sku) as bigint) >= BigInt(quantity));
        expect(verdicts[i]?.type).toBe(fits ? 'done' : 'rejected');
        if (fits) for (const { sku, quantity } of lines) left.set(sku, (left.get(sku) as bigint) - BigInt(quantity));
      }
      for (const rest of left.values()) expect(rest).toBeGreaterThanOrEqual(0n);
    }),
  );
});
