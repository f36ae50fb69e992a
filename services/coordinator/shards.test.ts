// A log in two databases, and coordinators that know one or both of them.
import type { Database } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newTransactionId, shardOfId, shardOfKey } from './shard.ts';
import { checkPlaces, createShards } from './shards.ts';
import type { Store } from './store/index.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
let stores: readonly Store[];
let databases: readonly Database[];
/** By idempotency key: the transactions whose branches were asked to do something. */
const did = new Map<string, Set<string>>();

/** Know one shard, and both. */
let former: Client<CoordinatorServiceHandlers>;
let latter: Client<CoordinatorServiceHandlers>;

beforeAll(async () => {
  world = await createWorld(['shop'], 2);
  ({ stores, databases } = world);
  world.participant('shop').reply = ({ transactionId, payload }) => {
    const key = JSON.parse(payload);
    did.set(key, (did.get(key) ?? new Set()).add(transactionId));
    return { done: {} };
  };
  former = (await world.start({ shards: 1 })).client;
  latter = (await world.start()).client;
});
afterAll(() => world?.close());

let keys = 0;

/** A key that two shards have in shard `home`. */
function keyAt(home: number): string {
  for (;;) {
    const key = `key-${++keys}`;
    if (shardOfKey(key, 2).home === home) return key;
  }
}

function request(key: string, kind: 'COMPENSATABLE' | 'PREPARED' = 'COMPENSATABLE') {
  const branch = { participant: 'shop', action: 'do', kind, payload: JSON.stringify(key) };
  return {
    idempotencyKey: key,
    branches: [
      { ...branch, name: 'a' },
      { ...branch, name: 'b' },
    ],
  };
}

describe('a transaction', () => {
  test.each([0, 1])('begins, ends and is found in the shard of its key (%d)', async (home) => {
    const { transactionId, state } = await latter.runTransaction(request(keyAt(home)));
    expect([state, shardOfId(transactionId)]).toEqual(['COMMITTED', home]);
    expect(await stores[home]?.byIds([transactionId])).toHaveLength(1);
    expect((await latter.getTransaction({ transactionId })).transaction).toMatchObject({ transactionId });
  });

  test('is listed with those of the other shards, newest first', async () => {
    const ids: string[] = [];
    for (const home of [1, 0, 1]) ids.unshift((await latter.runTransaction(request(keyAt(home)))).transactionId);
    const { transactions } = await latter.listTransactions({ pageSize: 3 });
    expect(transactions.map(({ transactionId }) => transactionId)).toEqual(ids);
  });

  test('that is in doubt is asked for where it lives', async () => {
    const committed = await Promise.all([0, 1].map((home) => latter.runTransaction(request(keyAt(home)))));
    const transactionIds = [
      ...committed.map(({ transactionId }) => transactionId),
      newTransactionId(1),
      newTransactionId(2),
    ];
    const { decisions } = await latter.getDecisions({ transactionIds, epochs: ['1', '1', '999', '999'] });
    // What may live in a shard that isn't known here is left to those who know it.
    expect(decisions).toEqual(['COMMIT', 'COMMIT', 'UNKNOWN', 'UNDECIDED']);
  });

  test('that is in doubt does not wait for a shard that is down', async () => {
    const up = { standings: async () => [{ state: 'COMMITTED', isAlive: false }] };
    const down = { standings: () => Promise.reject(new Error('down')) };
    const { standings } = createShards([up, down].map((store) => ({ store })) as never);
    const asked = [0, 1].map((shard) => ({ transactionId: newTransactionId(shard), epoch: 1n }));
    expect((await standings(asked)).map(({ state, isAlive }) => state ?? isAlive)).toEqual(['COMMITTED', true]);
    await expect(standings(asked.slice(1))).rejects.toThrow('down');
  });
});

describe('[K3] a key that the new shard has taken over', () => {
  test('is one transaction, whoever runs it, before, while and after all know the shard', async () => {
    const race = Array.from({ length: 12 }, (_, index) => request(keyAt(1), index % 2 ? 'PREPARED' : 'COMPENSATABLE'));
    await Promise.all(
      race.flatMap((run) =>
        [former, latter, latter, former].map((client) => client.runTransaction(run).catch(unavailable)),
      ),
    );
    for (const run of race) {
      const { transactionId } = await latter.runTransaction(run);
      expect(await latter.runTransaction(run)).toMatchObject({ transactionId, state: 'COMMITTED' });
      expect([run.idempotencyKey, did.get(run.idempotencyKey)?.has(transactionId)]).toEqual([run.idempotencyKey, true]);
    }
    // With a begin in the log, nobody else has even been asked.
    for (const { idempotencyKey, branches } of race) {
      if (branches[0]?.kind === 'COMPENSATABLE') expect(did.get(idempotencyKey)?.size).toBe(1);
    }
  });

  test('is found where it was begun before there was the new shard', async () => {
    const run = request(keyAt(1));
    const { transactionId } = await former.runTransaction(run);
    expect(shardOfId(transactionId)).toBe(0);
    expect(await latter.runTransaction(run)).toMatchObject({ transactionId });
  });

  test('is begun under the id that somebody has claimed it for, and then died', async () => {
    const run = request(keyAt(1));
    const transactionId = newTransactionId(1);
    await stores[0]?.claimKeys(new Map([[run.idempotencyKey, transactionId]]));
    await expect(former.runTransaction(run)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const answers = await Promise.all([latter.runTransaction(run), latter.runTransaction(run)]);
    expect(answers.map((answer) => answer.transactionId)).toEqual([transactionId, transactionId]);
  });

  test('is refused for something else', async () => {
    const key = keyAt(1);
    await former.runTransaction(request(key));
    const other = request(key, 'PREPARED');
    await expect(latter.runTransaction(other)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  test('goes from the former shard when its transaction is old', async () => {
    const [key, recent] = [keyAt(1), keyAt(1)];
    const before_ms = Date.now() - 60_000;
    const old = `${(before_ms - 1)
      .toString(16)
      .padStart(12, '0')
      .replace(/^(.{8})/, '$1-')}-7001-8000-000000000000`;
    await stores[0]?.claimKeys(
      new Map([
        [key, old],
        [recent, newTransactionId(1)],
      ]),
    );
    await eventually(async () => expect(await stores[0]?.deleteKeysElsewhere(before_ms)).toBe(0));
    const { rows } = await databases[0]!.query('SELECT key FROM idempotency_keys WHERE key = ANY($1)', [[key, recent]]);
    expect(rows).toEqual([{ key: recent }]);
  });
});

test('a list in another order is refused', async () => {
  const [first, second] = stores as [Store, Store];
  await checkPlaces([first, second]);
  await checkPlaces([first]);
  await expect(checkPlaces([second, first])).rejects.toThrow('the database in place 0 is that of shard 1');
});

function unavailable(error: unknown): void {
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
}
