// Connections that are lost at every moment, and such as there are none left of.
import { type Database, openDatabase } from '@assent/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Operation } from '../protocol/index.ts';
import { insist, type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';
import { openWire, type Wire } from './testing/wire.ts';

let ledger: Ledger;
let replica: Replica;
let wire: Wire;
let overWire: Replica;
beforeAll(async () => {
  ledger = await openLedger();
  replica = ledger.replica();
  wire = await openWire(ledger.url);
  overWire = ledger.replica({ url: wire.url, size: 1 });
});
afterAll(async () => {
  await ledger.close();
  wire.close();
});

const done = { done: { result: '' } };
const failed = (code: string) => ({ failed: { code, message: expect.any(String) } });

/** What it takes for an operation to have something to do, and what there must be in the end. */
const table: readonly [Operation, before: Operation[], effects: string[], barrier: string[]][] = [
  ['ACTION', [], ['ACTION 1'], ['1 done']],
  ['COMPENSATE', ['ACTION'], ['ACTION 1', 'COMPENSATE 1'], ['1 done', '2 done']],
  ['CONFIRM', ['TRY'], ['CONFIRM 1', 'TRY 1'], ['1 done', '2 done']],
  ['COMMIT_ONE_PHASE', [], ['PREPARE 1'], ['1 done']],
  ['PREPARE', [], ['PREPARE 1'], ['1 done']],
  ['COMMIT', ['PREPARE'], ['PREPARE 1'], ['1 done']],
  ['ROLLBACK', ['PREPARE'], [], ['1 blocked', '2 done']],
  ['ROLLBACK', [], [], ['1 blocked', '2 done']],
];

test.each(table)(
  '[P1] %s after %p takes effect once, whichever answer is lost',
  async (operation, before, effects, rows) => {
    for (let nth = 1, broken = true; broken; nth++) {
      const { transactionId, call } = newBranch();
      for (const one of before) await insist([overWire], call(one));
      const isBroken = wire.loseAnswer(nth);
      const [answer] = await overWire.execute(call(operation));
      broken = isBroken();
      wire.loseAnswer(0);
      if (broken && nth === 1) expect(answer).toHaveProperty('failed');
      expect(await insist([overWire], call(operation))).toHaveProperty('done');
      if (operation === 'PREPARE') expect(await insist([overWire], call('COMMIT'))).toEqual(done);
      expect(await ledger.effects(transactionId)).toEqual(effects);
      expect(await ledger.barrier(transactionId)).toEqual(rows);
      expect(nth).toBeLessThan(20);
    }
    expect(await ledger.prepared()).toEqual([]);
  },
);

describe('when all connections are taken', () => {
  let database: Database;
  let small: Replica;
  let release: () => void;
  beforeAll(() => {
    database = openDatabase({ url: ledger.url, name: 'participant', size: 2, acquireTimeout_ms: 200 });
    small = ledger.replica({ database });
  });
  afterAll(() => database.close());

  async function takeAll(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    release = resolve;
    const take = (onTaken: () => void): Promise<void> => {
      const hold = () => {
        onTaken();
        return promise;
      };
      // To connect may take longer than one is to wait here.
      return database.connection(hold).catch(() => take(onTaken));
    };
    await Promise.all([1, 2].map(() => new Promise<void>((onTaken) => void take(onTaken))));
  }

  test.each(['ACTION', 'PREPARE', 'COMMIT_ONE_PHASE'] as const)('%s fails, and is done later', async (operation) => {
    const { call } = newBranch();
    await takeAll();
    expect(await small.execute(call(operation))).toEqual([failed('UNAVAILABLE')]);
    release();
    expect(await insist([small], call(operation))).toHaveProperty('done');
    if (operation === 'PREPARE') expect(await small.execute(call('COMMIT'))).toEqual([done]);
  });

  test('COMMIT gets through', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    await takeAll();
    expect(await small.execute(call('COMMIT'))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
    release();
  });

  test('ROLLBACK ends what is prepared, though it can not say so yet', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    await takeAll();
    expect(await small.execute(call('ROLLBACK'))).toEqual([failed('UNAVAILABLE')]);
    expect(await ledger.prepared()).toEqual([]);
    release();
    expect(await insist([small], call('ROLLBACK'))).toEqual(done);
    expect(await ledger.barrier(transactionId)).toEqual(['1 blocked', '2 done']);
  });
});
