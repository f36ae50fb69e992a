import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { beginWith } from './begin.ts';
import { type Database, openDatabase } from './index.ts';
import { scratchUrl } from './testing/scratch.ts';

let url: string;
let database: Database;

beforeAll(async () => {
  url = await scratchUrl();
  database = openDatabase({ url, name: 'scratch', size: 2, acquireTimeout_ms: 60_000 });
  await database.query('create table items (id int8 primary key)');
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate items'));

const count = async () => Number((await database.query<{ n: bigint }>('select count(*) n from items')).rows[0]?.n);

test('a statement is skipped when the BEGIN before it fails', async () => {
  const client = new pg.Client({ connectionString: url, pipeline: true });
  await client.connect();
  const insert = () =>
    new Promise((resolve, reject) => {
      const query = beginWith({ name: 'insert', text: 'insert into items values ($1)', values: [1] });
      client.query(query as unknown as string, (error, result) => (error ? reject(error) : resolve(result)));
    });
  // There is hardly a way to make BEGIN fail, but in a transaction that has.
  await expect(client.query('begin; select 1/0')).rejects.toThrow();
  await expect(insert()).rejects.toMatchObject({ code: '25P02' });
  await client.query('rollback');
  // The statement was not prepared then, and is now.
  await insert();
  expect(client.getTransactionStatus()).toBe('T');
  await client.query('commit');
  await insert().catch(() => {});
  await client.query('rollback');
  expect(await count()).toBe(1);
  await client.end();
});

test('a transaction is all or nothing, whatever its statements are and however they are waited for', async () => {
  const step = fc.record({
    kind: fc.constantFrom('insert', 'insert', 'insert', 'plain insert', 'fail', 'plain fail', 'throw'),
    isAwaited: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      await database.query('truncate items');
      const work = database.transaction(async (sql) => {
        for (const [id, { kind, isAwaited }] of steps.entries()) {
          if (kind === 'throw') throw new Error('no');
          const values = kind.startsWith('plain') ? undefined : [];
          const text = kind.endsWith('fail') ? 'select 1/0' : `insert into items values (${id})`;
          // Errors of statements are swallowed: they must still not lead to half a commit.
          const done = sql.query(text, values).catch(() => {});
          if (isAwaited) await done;
        }
      });
      const isCommitted = await work.then(
        () => true,
        () => false,
      );
      expect(isCommitted).toBe(steps.every(({ kind }) => kind.endsWith('insert')));
      expect(await count()).toBe(isCommitted ? steps.length : 0);
    }),
    { numRuns: 60 },
  );
});
