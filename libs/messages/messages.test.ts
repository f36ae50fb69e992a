import { RpcError, type Violation } from '@assent/rpc';
import { describe, expect, test } from '@jest/globals';
import { type KeyKind, type Page, pageOf, type Reader, read, timestamp } from './index.ts';

/** What is found wrong with a request. */
function violations(work: (reader: Reader) => unknown): readonly Violation[] {
  try {
    read(work);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    expect((error as RpcError).code).toBe('INVALID_ARGUMENT');
    return (error as RpcError).violations ?? [];
  }
}

const nasty = [
  "Robert'); DROP TABLE stock;--",
  '"',
  'a\0b',
  '\ud800',
  '\udfffx',
  'x'.repeat(10_240),
  '',
  ' ',
  'ä',
  '../x',
];

describe('an id', () => {
  test.each(['a', 'sku-1', '__proto__', 'constructor', '0', 'x'.repeat(64)])('may be %s', (id) => {
    expect(read((is) => is.id('sku', id))).toBe(id);
  });
  test.each(nasty)('must not be %j', (id) => {
    expect(violations((is) => is.id('lines[0].sku', id))).toEqual([
      { field: 'lines[0].sku', description: "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'" },
    ]);
  });
});

describe('a UUID', () => {
  test('is read in lower case', () => {
    expect(read((is) => is.uuid('orderId', '019AB000-0000-7000-8000-00000000000F'))).toBe(
      '019ab000-0000-7000-8000-00000000000f',
    );
  });
  test.each([...nasty, '019ab000000070008000000000000000', '{019ab000-0000-7000-8000-000000000000}'])(
    'is not %j',
    (id) => {
      expect(violations((is) => is.uuid('orderId', id))).toEqual([{ field: 'orderId', description: 'must be a UUID' }]);
    },
  );
});

describe('text', () => {
  test.each(['Tea', 'O\'Neill "quoted"', 'Grüße 🎁', '🎁'.repeat(200)])('may be %s', (text) => {
    expect(read((is) => is.text('name', text, 200))).toBe(text);
  });
  test.each(['', 'x'.repeat(201), 'x'.repeat(10_240), 'a\0b', '\ud800', 'a\nb', '🎁'.repeat(201)])(
    'must not be %j',
    (text) => {
      expect(violations((is) => is.text('name', text, 200))).toHaveLength(1);
    },
  );
});

describe('numbers', () => {
  test.each([0, -1, 1.5, 2 ** 31, 2 ** 63, Number.NaN, Number.POSITIVE_INFINITY])(
    '%s is out of 1 to 1000000',
    (value) => {
      expect(violations((is) => is.integer('quantity', value, 1, 1_000_000))).toEqual([
        { field: 'quantity', description: 'must be 1 to 1000000' },
      ]);
    },
  );
  test.each(['0', '-1', '1.5', '', '11', '9223372036854775808', 'x'])('%s is out of 1 to 10', (value) => {
    expect(violations((is) => is.int64('quantity', value, 1n, 10n))).toHaveLength(1);
  });
  test('in bounds are read', () => {
    expect(read((is) => [is.integer('a', 1, 1, 1), is.int64('b', '10', 1n, 10n)])).toEqual([1, 10n]);
  });
});

test('an idempotency key is printable ASCII', () => {
  expect(read((is) => is.idempotencyKey('key \'one\' "two" ~'))).toBe('key \'one\' "two" ~');
  for (const key of ['', 'x'.repeat(201), 'x'.repeat(10_240), 'a\0', 'ä', '\ud800']) {
    expect(violations((is) => is.idempotencyKey(key))).toEqual([
      { field: 'idempotencyKey', description: 'must be 1 to 200 printable ASCII characters' },
    ]);
  }
});

test('money needs an amount and a currency', () => {
  expect(read((is) => is.money('price', { amount: '1', currency: 'EUR' }, 0n))).toEqual({
    amount: 1n,
    currency: 'EUR',
  });
  expect(violations((is) => is.money('price', null, 0n))).toEqual([{ field: 'price', description: 'is required' }]);
  expect(
    violations((is) => is.money('price', { amount: '-1', currency: 'Euro' }, 0n)).map(({ field }) => field),
  ).toEqual(['price.amount', 'price.currency']);
});

test('an enum value must be one of those that are allowed', () => {
  for (const mode of ['MODE_UNSPECIFIED', 99, '__proto__', 'saga']) {
    expect(violations((is) => is.oneOf('mode', mode, ['SAGA', 'TCC']))).toEqual([
      { field: 'mode', description: 'must be one of SAGA, TCC' },
    ]);
  }
});

test('everything that is wrong is named at once, but not without end', () => {
  expect(violations((is) => [is.id('sku', ''), is.integer('quantity', 0, 1, 2)]).map(({ field }) => field)).toEqual([
    'sku',
    'quantity',
  ]);
  expect(violations((is) => Array.from({ length: 100 }, () => is.id('sku', '')))).toHaveLength(16);
});

describe('a page', () => {
  const page = (pageToken: string, pageSize = 0, list = 'orders of a', kind: KeyKind = 'id') =>
    read((is) => is.page({ pageSize, pageToken }, list, kind));
  const first: Page = { size: 2, after: undefined, list: 'orders of a' };
  const { items, nextPageToken } = pageOf(first, ['x', 'y', 'z'], (row) => row);

  test('knows whether another follows', () => {
    expect(items).toEqual(['x', 'y']);
    expect(page(nextPageToken, 7)).toEqual({ size: 7, after: 'y', list: 'orders of a' });
    expect(pageOf(first, ['x', 'y'], (row) => row)).toEqual({ items: ['x', 'y'], nextPageToken: '' });
    expect(pageOf(first, [], String)).toEqual({ items: [], nextPageToken: '' });
  });
  test('has 50 items unless told', () => {
    expect(page('').size).toBe(50);
    for (const size of [-1, 1001]) expect(() => page('', size)).toThrow('pageSize: must be 0 to 1000');
  });
  test('is not where another list is, nor where nonsense points', () => {
    expect(() => page(nextPageToken, 0, 'orders of b')).toThrow('pageToken');
    expect(() => page(nextPageToken, 0, 'orders of a', 'uuid')).toThrow('pageToken');
    for (const token of [
      'x',
      `${nextPageToken}=`,
      ` ${nextPageToken}`,
      nextPageToken.slice(1),
      '\0',
      'A'.repeat(10_240),
    ]) {
      expect(() => page(token)).toThrow('pageToken: must be the nextPageToken of the same list');
    }
  });
});

test('a timestamp has whole seconds and nanoseconds', () => {
  expect(timestamp(new Date(1_700_000_000_123))).toEqual({ seconds: '1700000000', nanos: 123_000_000 });
  expect(timestamp(new Date(-1))).toEqual({ seconds: '-1', nanos: 999_000_000 });
});
