import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createQueue } from './queue.ts';

const options = { size: 3, patience_ms: 100, hurry_ms: 20 };

test('who has come first goes first, and there is room for so many', () => {
  const queue = createQueue<string>(options);
  expect(['a', 'b', 'c', 'd'].map((item) => queue.push(item, 0))).toEqual([true, true, true, false]);
  expect([queue.take(10), queue.take(20), queue.take(30), queue.take(40)]).toEqual(['a', 'b', 'c', undefined]);
});

describe('a queue that has not been empty for a while', () => {
  test('lets those who have just come go first', () => {
    const queue = createQueue<string>(options);
    queue.push('a', 0);
    queue.push('b', 90);
    queue.push('c', 95);
    expect([queue.take(100), queue.take(100), queue.take(100)]).toEqual(['c', 'b', 'a']);
    queue.push('d', 101);
    queue.push('e', 102);
    expect(queue.take(103)).toBe('d');
  });

  test('lets nobody wait for long', () => {
    const queue = createQueue<string>(options);
    queue.push('a', 0);
    queue.push('b', 70);
    queue.push('c', 90);
    expect(queue.expire(99)).toEqual([]);
    expect(queue.expire(100)).toEqual(['a', 'b']);
    expect(queue.expire(110)).toEqual(['c']);
    // All were too late: that is not a queue that has drained.
    queue.push('d', 111);
    queue.push('e', 112);
    expect(queue.take(113)).toBe('e');
  });
});

test('everybody who was let in comes out once', () => {
  const act = fc.record({ type: fc.constantFrom('push', 'take', 'expire'), wait_ms: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const queue = createQueue<number>(options);
      const [inside, out]: [number[], number[]] = [[], []];
      let now_ms = 0;
      for (const [index, { type, wait_ms }] of acts.entries()) {
        now_ms += wait_ms;
        if (type === 'push' && queue.push(index, now_ms)) inside.push(index);
        const taken = type === 'take' ? queue.take(now_ms) : undefined;
        out.push(...(taken === undefined ? [] : [taken]), ...(type === 'expire' ? queue.expire(now_ms) : []));
        expect(queue.size()).toBe(inside.length - out.length);
        expect(queue.size()).toBeLessThanOrEqual(options.size);
      }
      while (queue.size() > 0) out.push(queue.take(now_ms)!);
      expect(out.sort((one, other) => one - other)).toEqual(inside);
    }),
  );
});
