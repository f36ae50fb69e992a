// Stock in two databases, seen by replicas that know both and by such that know the first one only, as there are while the
// second one is being added.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Database, openDatabase } from '@assent/postgres';
import type { BranchCallInput } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Implementation } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase } from '@assent/testing';
import { createParticipant, type ParticipantOptions, participantMigrations } from '@assent/transactions/participant';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actions } from './actions.ts';
import { createShards, type Shards, shardOfNew } from './shards.ts';
import { getProducts, insertProduct, restock } from './store.ts';

const migrations = [
  { name: 'inventory', directory: join(import.meta.dirname, 'migrations') },
  participantMigrations([]),
];
let databases: Awaited<ReturnType<typeof openTestDatabase>>[] = [];

beforeAll(async () => {
  databases = await Promise.all([openTestDatabase(migrations), openTestDatabase(migrations)]);
});
afterAll(() => Promise.all(databases.map((database) => database.close())));
beforeEach(async () => {
  for (const database of databases) {
    await database.query('TRUNCATE products, stock, restocks, reservations, homes, shard, barrier');
  }
});

const price = { amount: 100n, currency: 'EUR' };
const skus = Array.from({ length: 24 }, (_, i) => `sku-${i}`);
/** One in each shard, when there are two. */
const [first, second] = [0, 1].map((shard) => skus.find((sku) => shardOfNew(sku, 2) === shard)!) as [string, string];
const unknown = { code: 'UNAVAILABLE', reason: 'SHARD_UNKNOWN' };

/** What replicas know that have been started before and after the second database was added. */
const before = () => createShards({ databases: databases.slice(0, 1) });
const after = () => createShards({ databases });

async function create(shards: Shards, sku: string): Promise<void> {
  await insertProduct(await shards.home(sku), { sku, name: sku, price });
}

/** The SKUs that are in each database. */
async function placed(): Promise<string[][]> {
  const rows = await Promise.all(databases.map((database) => getProducts(database, skus)));
  return rows.map((products) => products.map(({ sku }) => sku).sort());
}

async function list(shards: Shards, size: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | undefined, more = true; more; after = pages.at(-1)?.at(-1)) {
    const products = await shards.listProducts({ after, size });
    more = products.length > size;
    pages.push(products.slice(0, size).map(({ sku }) => sku));
  }
  return pages;
}

describe('products', () => {
  test('are spread by their SKUs, found where they are, and listed as one catalogue', async () => {
    const shards = after();
    await Promise.all(skus.map((sku) => create(shards, sku)));
    const expected = [0, 1].map((shard) => skus.filter((sku) => shardOfNew(sku, 2) === shard).sort());
    expect(await placed()).toEqual(expected);
    expect(Math.min(...expected.map(({ length }) => length))).toBeGreaterThan(5);
    // The second time it is known where they are.
    for (let time = 0; time < 2; time++) {
      const found = await shards.getProducts([...skus, 'rum']);
      expect(found.map(({ sku, shard }) => [sku, shard]).sort()).toEqual(
        skus.map((sku) => [sku, shardOfNew(sku, 2)]).sort(),
      );
    }
    const pages = await list(shards, 5);
    expect(pages.map(({ length }) => length)).toEqual([5, 5, 5, 5, 4]);
    expect(pages.flat()).toEqual([...skus].sort());
    for (const sku of [first, second]) expect(await shards.databaseOf(sku)).toBe(databases[shardOfNew(sku, 2)]);
  });

  test('stay where they are when a database is added', async () => {
    await Promise.all(skus.slice(0, 12).map((sku) => create(before(), sku)));
    // From the time before there was more than one.
    await databases[0]!.query('DELETE FROM homes WHERE sku = $1', [second]);
    await Promise.all(skus.map((sku) => create(after(), sku)));
    const stay = skus.slice(0, 12);
    const spread = skus.slice(12);
    const expected = [0, 1].map((shard) => spread.filter((sku) => shardOfNew(sku, 2) === shard));
    expect(stay).toContain(second);
    expect(await placed()).toEqual([[...stay, ...expected[0]!].sort(), expected[1]!.sort()]);
  });

  test('are made once, whatever their makers know', async () => {
    const makers = [before(), after(), before(), after()];
    const attempts = skus.flatMap((sku) => makers.map((shards) => create(shards, sku)));
    const failures = (await Promise.allSettled(attempts)).filter((attempt) => attempt.status === 'rejected');
    for (const { reason } of failures) expect(reason).toMatchObject(unknown);
    const [zero, one] = (await placed()) as [string[], string[]];
    expect([...zero, ...one].sort()).toEqual([...skus].sort());
    expect((await after().getProducts(skus)).length).toBe(skus.length);
  });

  test('that a replica cannot know of are not said not to exist', async () => {
    for (const sku of [first, second]) await create(after(), sku);
    const old = before();
    expect((await old.getProducts([first, 'rum'])).map(({ sku }) => sku)).toEqual([first]);
    await expect(old.getProducts([first, second])).rejects.toMatchObject(unknown);
    await expect(old.listProducts({ after: undefined, size: 10 })).rejects.toMatchObject(unknown);
    await expect(old.home(second)).rejects.toMatchObject(unknown);
    expect(await old.home(first)).toBe(databases[0]);
  });

  test('are found while another database is down, and not said not to exist either', async () => {
    for (const sku of [first, second]) await create(after(), sku);
    const nowhere = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nothing', name: 'test', size: 1 });
    const shards = createShards({ databases: [databases[0]!, nowhere] });
    expect((await shards.getProducts([first])).map(({ sku }) => sku)).toEqual([first]);
    await expect(shards.getProducts([second])).rejects.toThrow('ECONNREFUSED');
    await expect(shards.getProducts(['rum'])).rejects.toThrow('ECONNREFUSED');
    await nowhere.close();
  });
});

test('a database keeps its place', async () => {
  await before().check();
  await after().check();
  await after().check();
  const [zero, one] = databases as unknown as [Database, Database];
  for (const wrong of [
    [one, zero],
    [zero, zero],
    [zero, zero, one],
  ]) {
    await expect(createShards({ databases: wrong }).check()).rejects.toThrow('INVENTORY_DATABASE_URLS');
  }
});

describe('orders', () => {
  const coordinator = {
    getDecisions: () => Promise.reject(new Error('nobody is asked')),
  } as unknown as ParticipantOptions['coordinator'];
  const log = createLogger({ service: 'test', level: 'silent' });
  type Operation = NonNullable<BranchCallInput['operation']>;
  type Ask = (operation: Operation, payload: object, transactionId: string) => Promise<BranchOutcomeInput>;

  /** A replica on so many of the databases. */
  function replica(count: number): Ask {
    const shards = databases.slice(0, count).map((database) => ({ database }));
    const { service } = createParticipant({ shards, actions, coordinator, log });
    const { execute } = service.implementation as unknown as Implementation<ParticipantServiceHandlers>;
    const context = { signal: new AbortController().signal, deadline_ms: Infinity } as Parameters<typeof execute>[1];
    return async (operation, payload, transactionId) => {
      const action = operation === 'DELIVER' ? 'return' : 'reserve';
      const texts = { payload: JSON.stringify(payload), epoch: '1', traceparent: '' };
      const call = { transactionId, branch: 1, operation, action, inputs: {}, cause: null, attempt: 1, ...texts };
      const responses = execute({ calls: [call] } as Parameters<typeof execute>[0], context);
      for await (const { outcomes = [] } of responses) if (outcomes[0]) return outcomes[0];
      throw new Error('no outcome');
    };
  }

  const wantedOf = (sku: string) => [{ sku, quantity: 3, unitPrice: { amount: '100', currency: 'EUR' } }];

  async function stockOf(sku: string): Promise<[bigint, bigint, bigint]> {
    const [product] = await after().getProducts([sku]);
    return [product!.available, product!.reserved, product!.sold];
  }

  beforeEach(async () => {
    const shards = after();
    for (const sku of [first, second]) {
      await create(shards, sku);
      await restock(await shards.databaseOf(sku), sku, 10n, 'first');
    }
  });

  test.each([
    ['ACTION', undefined, 'COMPENSATE'],
    ['TRY', 'CONFIRM', 'CANCEL'],
    ['PREPARE', 'COMMIT', 'ROLLBACK'],
  ] as const)('that have begun with %s before a database was added end where they are', async (begin, commit, undo) => {
    const [old, added] = [replica(1), replica(2)];
    const [kept, undone] = [randomUUID(), randomUUID()];
    const payload = { lines: wantedOf(first) };
    // Two PREPAREs would wait for each other's row.
    for (const [id, end] of [
      [kept, commit],
      [undone, undo],
    ] as const) {
      expect(await old(begin, payload, id)).toMatchObject({ done: {} });
      expect(await added(begin, payload, id)).toMatchObject({ done: {} });
      if (end) expect(await added(end, payload, id)).toMatchObject({ done: {} });
    }
    expect(await stockOf(first)).toEqual([7n, 0n, 3n]);
    expect(await old('DELIVER', { orderId: kept, lines: [{ sku: first }] }, randomUUID())).toMatchObject({ done: {} });
    expect(await stockOf(first)).toEqual([10n, 0n, 0n]);
  });

  test.each([
    ['ACTION', undefined, 'COMPENSATE'],
    ['TRY', 'CONFIRM', 'CANCEL'],
    ['PREPARE', 'COMMIT', 'ROLLBACK'],
  ] as const)(
    'with %s in a new database are not refused by a replica that does not know it, but done by another',
    async (begin, commit, undo) => {
      const [old, added] = [replica(1), replica(2)];
      const payload = { shard: 1, lines: wantedOf(second) };
      const failed = { failed: { code: 'UNAVAILABLE' } };
      for (const end of [commit, undo]) {
        const id = randomUUID();
        for (const operation of [begin, end]) {
          if (!operation) continue;
          expect(await old(operation, payload, id)).toMatchObject(failed);
          expect(await added(operation, payload, id)).toMatchObject({ done: {} });
        }
      }
      expect(await stockOf(second)).toEqual([7n, 0n, 3n]);
    },
  );
});
