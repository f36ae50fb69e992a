import { expect, test } from '@jest/globals';
import { cpuPerCheckout } from './cpu.ts';

test('what each process has spent is shared among the checkouts', () => {
  const before = new Map([['gateway', 100]]);
  const after = new Map([
    ['gateway', 300],
    ['order', 50],
  ]);
  expect(cpuPerCheckout(before, after, 100)).toEqual({ gateway: 2, order: 0.5 });
  expect(cpuPerCheckout(before, after, 0)).toBeUndefined();
  expect(cpuPerCheckout(undefined, after, 1)).toBeUndefined();
});
