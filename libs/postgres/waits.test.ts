import { expect, test } from '@jest/globals';
import { createWaits } from './waits.ts';

test('nobody has waited', () => expect(createWaits().mean_ms(0)).toBe(0));

test('who has waited is remembered for a while', () => {
  const waits = createWaits();
  waits.begin(0)(100);
  expect(waits.mean_ms(100)).toBe(100);
  expect(waits.mean_ms(1_100)).toBeCloseTo(100 / Math.E);
  for (let now_ms = 200; now_ms < 5_000; now_ms += 10) waits.begin(now_ms)(now_ms);
  expect(waits.mean_ms(5_000)).toBeLessThan(2);
});

test('who waits now counts as much as those who are done, and once', () => {
  const waits = createWaits();
  const [first, second] = [waits.begin(0), waits.begin(50)];
  expect(waits.mean_ms(300)).toBe(300);
  first(300);
  first(900);
  expect(waits.mean_ms(300)).toBe(300);
  expect(waits.mean_ms(2_000)).toBe(1_950);
  second(2_000);
  expect(waits.mean_ms(60_000)).toBeLessThan(1);
});
