import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validate, version } from 'uuid';
import { maxShards, newTransactionId, shardOfId, shardOfKey } from './shard.ts';

test('a transaction id is a UUID v7 of now, and says in which shard it is', () => {
  fc.assert(
    fc.property(fc.nat(maxShards - 1), (shard) => {
      const id = newTransactionId(shard);
      expect([validate(id), version(id), shardOfId(id)]).toEqual([true, 7, shard]);
      expect(Math.abs(Number.parseInt(id.replace('-', '').slice(0, 12), 16) - Date.now())).toBeLessThan(5_000);
    }),
  );
});

test('ids of one shard do not meet', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newTransactionId(3))).size).toBe(10_000);
});

test('[K3] keys spread evenly; one more shard takes its share, and nothing moves between the others', () => {
  const keys = Array.from({ length: 6_000 }, (_, index) => `key-${index}`);
  for (const shards of [1, 2, 3, 7]) {
    const homes = keys.map((key) => shardOfKey(key, shards).home);
    for (let shard = 0; shard < shards; shard++) {
      const share = homes.filter((home) => home === shard).length / keys.length;
      expect(Math.abs(share - 1 / shards)).toBeLessThan(0.03);
    }
    for (const [index, key] of keys.entries()) {
      const { home, former } = shardOfKey(key, shards + 1);
      if (home === homes[index]) expect(former).toBeUndefined();
      else expect({ home, former }).toEqual({ home: shards, former: homes[index] });
    }
  }
});
