import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadline_ms, hasTime, patience_ms } from './deadline.ts';

test.each([
  ['alone it is the timeout', 100, 50, undefined, 150],
  ['a parent that never ends changes nothing', 100, 50, Infinity, 150],
  ['an earlier end of the parent counts, less what it keeps', 100, 10_000, 1_100, 1_080],
  ['of little it keeps little', 100, 10_000, 200, 195],
  ['a late parent leaves nothing', 100, 10_000, 90, 90],
])('%s', (_name, now_ms, timeout_ms, parent_ms, expected) => {
  expect(deadline_ms(now_ms, timeout_ms, parent_ms)).toBe(expected);
});

test('along a chain of calls the deadline only ever shrinks', () => {
  const hops = fc.array(fc.record({ took_ms: fc.nat(500), timeout_ms: fc.integer({ min: 1, max: 10_000 }) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(hops, (chain) => {
      let now_ms = 0;
      let until_ms = Infinity;
      for (const { took_ms, timeout_ms } of chain) {
        now_ms += took_ms;
        const next_ms = deadline_ms(now_ms, timeout_ms, until_ms);
        expect(next_ms).toBeLessThanOrEqual(until_ms);
        expect(next_ms).toBeLessThanOrEqual(now_ms + timeout_ms);
        if (until_ms < Infinity && until_ms > now_ms) expect(next_ms).toBeGreaterThan(now_ms);
        until_ms = next_ms;
      }
    }),
  );
});

test('half of a time without end is still one that a timer can wait for', () => {
  expect(patience_ms(101)).toBe(51);
  expect(patience_ms(Infinity)).toBeLessThan(2 ** 31);
});

test.each([
  [0, undefined, false],
  [0.9, undefined, false],
  [1, undefined, true],
  [50, 51, false],
  [50, 50, true],
  [-5, 0, false],
])('with %d ms left of %s at best it has time: %s', (left_ms, fastest_ms, expected) => {
  expect(hasTime(left_ms, fastest_ms)).toBe(expected);
});
