import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { held, isFree, type LeaseRecord, observe, released } from './record.ts';

const nobody: LeaseRecord = { holder: undefined, lease_ms: 0, acquired: undefined, renewed: undefined, transitions: 0 };
const at = (ms: number) => new Date(ms);

describe('a Lease', () => {
  test('that nobody holds is free, and one that is held is not, but for its holder', () => {
    expect(isFree(observe(undefined, nobody, 0), 'a', 0)).toBe(true);
    const observation = observe(undefined, held(nobody, 'a', 15_000, at(1)), 100);
    expect([isFree(observation, 'a', 100), isFree(observation, 'b', 100)]).toEqual([true, false]);
  });

  test('is free when it has not been seen to be renewed for its duration, whatever the times in it say', () => {
    const first = held(nobody, 'a', 15_000, at(-1_000_000));
    const seen = observe(undefined, first, 100);
    expect([isFree(seen, 'b', 15_099), isFree(seen, 'b', 15_100)]).toEqual([false, true]);
    const again = observe(seen, { ...first }, 9_000);
    expect(again.since_ms).toBe(100);
    const renewed = observe(again, held(first, 'a', 15_000, at(-999_999)), 10_000);
    expect([renewed.since_ms, isFree(renewed, 'b', 24_999), isFree(renewed, 'b', 25_000)]).toEqual([
      10_000,
      false,
      true,
    ]);
  });

  test('that was given up is free at once, and remembers how often it was taken', () => {
    const record = released(held(held(nobody, 'a', 15_000, at(1)), 'b', 15_000, at(2)), at(3));
    expect(isFree(observe(undefined, record, 0), 'c', 0)).toBe(true);
    expect(record).toMatchObject({ holder: undefined, transitions: 2 });
  });

  test('counts its holders, and keeps the time when one has taken it', () => {
    const candidates = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 });
    fc.assert(
      fc.property(candidates, (holders) => {
        let record = nobody;
        let transitions = 0;
        let acquired = at(0);
        for (const [index, holder] of holders.entries()) {
          if (holder !== record.holder) [transitions, acquired] = [transitions + 1, at(index)];
          record = held(record, holder, 1_000, at(index));
          expect(record).toEqual({ holder, lease_ms: 1_000, acquired, renewed: at(index), transitions });
        }
      }),
    );
  });
});
