import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addMoney,
  formatMoney,
  type Money,
  type MoneyErrorCode,
  maxAmount,
  multiplyMoney,
  parseInt64,
  parseMoney,
  sameMoney,
} from './index.ts';

const eur = (amount: bigint): Money => ({ amount, currency: 'EUR' });
const failing = (code: MoneyErrorCode) => expect.objectContaining({ name: 'MoneyError', code });

describe('an int64', () => {
  test.each(['0', '-1', '1999', '9223372036854775807', '-9223372036854775808'])('is %s', (text) => {
    expect(parseInt64(text)).toBe(BigInt(text));
  });
  test.each([
    '',
    '-',
    '-0',
    '01',
    '1.5',
    '1e3',
    ' 1',
    '1n',
    '0x10',
    '٣',
    '9223372036854775808',
    '-9223372036854775809',
    '1'.repeat(10_000),
    7,
    7n,
    null,
  ])('is not %s', (value) => {
    expect(parseInt64(value)).toBeUndefined();
  });
});

describe('money', () => {
  test('survives its message', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: maxAmount }), (amount) => {
        expect(parseMoney(formatMoney(eur(amount)))).toEqual(eur(amount));
      }),
    );
  });
  test.each([
    null,
    undefined,
    'EUR 3',
    {},
    { amount: 3, currency: 'EUR' },
    { amount: '3' },
    { amount: '3', currency: 'eur' },
  ])('is not %j', (value) => {
    expect(() => parseMoney(value)).toThrow(failing('MALFORMED'));
  });
  test('adds up to what fits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: maxAmount }), fc.bigInt({ min: 0n, max: maxAmount }), (a, b) => {
        if (a + b > maxAmount) expect(() => addMoney(eur(a), eur(b))).toThrow(failing('OVERFLOW'));
        else expect(addMoney(eur(a), eur(b))).toEqual(eur(a + b));
      }),
    );
  });
  test('multiplies to what fits', () => {
    expect(multiplyMoney(eur(1999n), 3)).toEqual(eur(5997n));
    expect(() => multiplyMoney(eur(maxAmount), 2)).toThrow(failing('OVERFLOW'));
  });
  test('knows its currency', () => {
    expect(() => addMoney(eur(1n), { amount: 1n, currency: 'USD' })).toThrow(failing('CURRENCY_MISMATCH'));
    expect(sameMoney(eur(1n), { amount: 1n, currency: 'USD' })).toBe(false);
    expect(sameMoney(eur(1n), eur(1n))).toBe(true);
  });
});
