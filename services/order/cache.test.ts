import { expect, test } from '@jest/globals';
import { createCache } from './cache.ts';

function counting(ttl_ms = 1000, size = 2) {
  const world = {
    now: 0,
    loads: 0,
    fails: false,
    values: new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]),
  };
  const cache = createCache({
    ttl_ms,
    size,
    now: () => world.now,
    async load(key) {
      world.loads++;
      if (world.fails) throw new Error('no');
      return world.values.get(key);
    },
  });
  return { world, cache };
}

test('remembers until the time is up', async () => {
  const { world, cache } = counting();
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1]);
  world.values.set('a', 7);
  world.now = 999;
  expect(await cache.get('a')).toBe(1);
  world.now = 1000;
  expect(await cache.get('a')).toBe(7);
  expect(world.loads).toBe(2);
});

test('forgets what is dropped', async () => {
  const { world, cache } = counting();
  await cache.get('a');
  world.values.set('a', 7);
  cache.drop('a');
  expect(await cache.get('a')).toBe(7);
});

test('remembers neither failures nor what is not there', async () => {
  const { world, cache } = counting();
  world.fails = true;
  await expect(cache.get('a')).rejects.toThrow('no');
  world.fails = false;
  expect(await cache.get('a')).toBe(1);
  expect(await cache.get('__proto__')).toBeUndefined();
  world.values.set('__proto__', 9);
  expect(await cache.get('__proto__')).toBe(9);
});

test('keeps only so many', async () => {
  const { world, cache } = counting();
  for (const key of ['a', 'b', 'c', 'b', 'c']) await cache.get(key);
  expect(world.loads).toBe(3);
  await cache.get('a');
  expect(world.loads).toBe(4);
});
