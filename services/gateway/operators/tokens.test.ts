import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseOperators } from './tokens.ts';

const hash = createHash('sha256').update('a token').digest();

test('operators are configured by name and the hash of a token', () => {
  const text = `alice:${hash.toString('hex')}, bob-2:${'0'.repeat(64)}`;
  expect(parseOperators(text)).toEqual([
    { name: 'alice', tokenHash: hash },
    { name: 'bob-2', tokenHash: Buffer.alloc(32) },
  ]);
});

test.each([
  'alice',
  'alice:a token',
  `alice:${'0'.repeat(63)}`,
  `:${'0'.repeat(64)}`,
  `a b:${'0'.repeat(64)}`,
  `alice:${'0'.repeat(64)},`,
])('%s is no such configuration', (text) => {
  expect(parseOperators(text)).toBeUndefined();
});
