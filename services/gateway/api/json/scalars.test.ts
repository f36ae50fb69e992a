import { expect, test } from '@jest/globals';
import type { Type } from 'protobufjs';
import { contracts } from '../contracts.ts';
import { messageMapping } from './messages.ts';
import { startReading } from './reading.ts';

const Money = contracts.lookupType('assent.type.v1.Money');
const Timestamp = contracts.lookupType('google.protobuf.Timestamp');
const Duration = contracts.lookupType('google.protobuf.Duration');

test.each([
  [0, '0'],
  ['1999', '1999'],
  ['-9223372036854775808', '-9223372036854775808'],
  ['9223372036854775807', '9223372036854775807'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
])('the int64 %p is %p', (amount, written) => {
  expect(again(Money, { amount })).toEqual({ amount: written, currency: '' });
});

test.each([
  '9223372036854775808',
  '-9223372036854775809',
  2 ** 53,
  2 ** 63,
  1.5,
  '1.0',
  '01',
  '99999999999999999999999',
  true,
])('refuses the int64 %p', (amount) => {
  expect(again(Money, { amount })).toMatch(/^must be a whole number from -9223372036854775808 to 9223372036854775807/);
});

test.each([
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
  ['2026-01-31T12:00:00.5+02:00', '2026-01-31T10:00:00.500Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
  ['1969-12-31T23:59:59.000001Z', '1969-12-31T23:59:59.000001Z'],
])('the time %s is %s', (text, written) => {
  expect(again(Timestamp, text)).toBe(written);
});

test.each([
  '2026-02-30T00:00:00Z',
  '2026-01-31',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00:60Z',
  '0000-12-31T00:00:00Z',
  '',
  0,
])('refuses the time %p', (text) => {
  expect(again(Timestamp, text)).toBe('must be a time such as 2026-01-31T12:00:00Z');
});

test.each([
  ['1.5s', '1.500s'],
  ['-0.5s', '-0.500s'],
  ['-3.000001s', '-3.000001s'],
  ['0s', '0s'],
  ['-0s', '0s'],
  ['315576000000s', '315576000000s'],
])('the duration %s is %s', (text, written) => {
  expect(again(Duration, text)).toBe(written);
});

test.each(['1.5', '1,5s', '315576000001s', '315576000000.1s', '1.0000000001s', 1, ''])(
  'refuses the duration %p',
  (text) => {
    expect(again(Duration, text)).toBe('must be a duration in seconds such as 1.5s');
  },
);

/** A value read, sent and written, or why it is refused. */
function again(type: Type, json: unknown): unknown {
  const reading = startReading();
  const { read, write } = messageMapping(type);
  const message = read(json, reading);
  return reading.violations[0]?.description ?? write(type.decode(type.encode(message as object).finish()));
}
