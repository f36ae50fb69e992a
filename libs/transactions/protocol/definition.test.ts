import { describe, expect, test } from '@jest/globals';
import { type Branch, validate } from './definition.ts';

const branch = (name: string, rest: Partial<Branch> = {}): Branch => ({
  name,
  participant: 'inventory',
  action: 'reserve',
  kind: 'COMPENSATABLE',
  after: [],
  payload: '',
  ...rest,
});

describe('a definition is refused, naming the field, when', () => {
  const table: [string, Branch[], string][] = [
    ['it has no branch', [], 'branches'],
    ['it has 65 branches', Array.from({ length: 65 }, (_, i) => branch(`b${i}`)), 'branches'],
    ['a name is empty', [branch('')], 'branches[0].name'],
    ['a name has a quote', [branch("a'b")], 'branches[0].name'],
    ['a name is used twice', [branch('a'), branch('a')], 'branches[1].name'],
    ['an action is missing', [branch('a', { action: '' })], 'branches[0].action'],
    ['a kind is unknown', [branch('a', { kind: 'KIND_UNSPECIFIED' as Branch['kind'] })], 'branches[0].kind'],
    ['a payload is not JSON', [branch('a', { payload: '{' })], 'branches[0].payload'],
    ['a payload is too long', [branch('a', { payload: `"${'x'.repeat(65_536)}"` })], 'branches[0].payload'],
    [
      'the payloads add up to too much',
      Array.from({ length: 5 }, (_, i) => branch(`b${i}`, { payload: `"${'x'.repeat(60_000)}"` })),
      'branches',
    ],
    [
      'a pause is none',
      [branch('a', { firstPhaseRetry: { first_ms: 0 } })],
      'branches[0].firstPhaseRetry.firstBackoff',
    ],
    [
      'a policy has no end',
      [branch('a', { secondPhaseRetry: { maxAttempts: 1e9 } })],
      'branches[0].secondPhaseRetry.maxAttempts',
    ],
    ['`after` names no branch', [branch('a', { after: ['b'] })], 'branches[0].after[0]'],
    ['`after` names a branch twice', [branch('a'), branch('b', { after: ['a', 'a'] })], 'branches[1].after[1]'],
    ['a branch comes after itself', [branch('a', { after: ['a'] })], 'branches'],
    [
      'branches come after each other',
      [branch('a', { after: ['c'] }), branch('b', { after: ['a'] }), branch('c', { after: ['b'] })],
      'branches',
    ],
    [
      'a prepared branch comes after a retriable one',
      [branch('a', { kind: 'RETRIABLE' }), branch('b', { kind: 'PREPARED', after: ['a'] })],
      'branches[1].after[0]',
    ],
  ];
  test.each(table)('%s', (_, branches, field) => {
    expect(validate(branches).map((violation) => violation.field)).toContain(field);
  });
});

test('a diamond of all kinds is accepted', () => {
  expect(
    validate([
      branch('create'),
      branch('reserve', { kind: 'RESERVED', after: ['create'] }),
      branch('charge', { kind: 'PREPARED', after: ['create'] }),
      branch('confirm', { kind: 'RETRIABLE', after: ['reserve', 'charge'], payload: '{"a":1}' }),
    ]),
  ).toEqual([]);
});
