import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EndpointAddress } from './endpoints.ts';
import { subset } from './subset.ts';

const servers = (count: number): EndpointAddress[] =>
  Array.from({ length: count }, (_, n) => ({ host: `10.0.${n >> 8}.${n & 255}`, port: 50051 }));
const names = (endpoints: readonly EndpointAddress[]) => endpoints.map(({ host, port }) => `${host}:${port}`);
const missing = (from: readonly EndpointAddress[], other: readonly EndpointAddress[]) =>
  names(from).filter((name) => !names(other).includes(name));

const some = fc.integer({ min: 1, max: 60 }).map(servers);
const client = fc.string({ maxLength: 20 });
const size = fc.integer({ min: 1, max: 30 });

describe('a subset', () => {
  test('has the size that was asked for, or all, none twice and none of its own', () => {
    fc.assert(
      fc.property(some, client, size, (all, client, size) => {
        const chosen = names(subset(all, client, size));
        expect(chosen).toHaveLength(Math.min(size, all.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(names(all)).toEqual(expect.arrayContaining(chosen));
      }),
    );
  });

  test('of size 0 is all', () => {
    fc.assert(fc.property(some, client, (all, client) => expect(subset(all, client, 0)).toEqual(all)));
  });

  test('is the same in any order', () => {
    const shuffled = some.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, client, size, ([all, other], client, size) => {
        expect(names(subset(other, client, size)).sort()).toEqual(names(subset(all, client, size)).sort());
      }),
    );
  });

  test('loses one and gets one at most, when one endpoint comes or goes', () => {
    const without = some.chain((all) => fc.tuple(fc.constant(all), fc.nat({ max: all.length - 1 })));
    fc.assert(
      fc.property(without, client, size, ([all, index], client, size) => {
        const fewer = all.filter((_, other) => other !== index);
        const [before, after] = [subset(all, client, size), subset(fewer, client, size)];
        // Only the one that went is replaced; and if it wasn't used, nothing happens.
        expect(missing(before, after)).toEqual(names(before).filter((name) => name === names(all)[index]));
        expect(missing(after, before).length).toBeLessThanOrEqual(missing(before, after).length);
      }),
    );
  });
});

test('400 clients of 400 servers make 8,000 connections, spread as by chance', () => {
  const all = servers(400);
  const clients = new Map(names(all).map((name) => [name, 0]));
  for (let n = 0; n < 400; n++) {
    for (const name of names(subset(all, `gateway-${n}`, 20))) clients.set(name, clients.get(name)! + 1);
  }
  const counts = [...clients.values()];
  expect(counts.reduce((sum, count) => sum + count)).toBe(8_000);
  // Binomial: 20 on average with a deviation of 4.4. Nothing here is random: the names are always the same.
  const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - 20) ** 2, 0) / 400);
  expect(deviation).toBeGreaterThan(4.0);
  expect(deviation).toBeLessThan(4.9);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(5);
  expect(Math.max(...counts)).toBeLessThanOrEqual(40);
});

test('clients whose names differ in a digit have little in common', () => {
  const all = servers(1_000);
  const common = Array.from({ length: 20 }, (_, n) => {
    const other = names(subset(all, `gateway-${n + 1}`, 20));
    return names(subset(all, `gateway-${n}`, 20)).filter((name) => other.includes(name)).length;
  });
  // 20 × 20 / 1,000 on average.
  expect(common.reduce((sum, count) => sum + count) / 20).toBeLessThan(1);
});
