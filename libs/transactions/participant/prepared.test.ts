import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';
import { openWire, type Wire } from './testing/wire.ts';

let ledger: Ledger;
let replica: Replica;
let wire: Wire;
let overWire: Replica;
beforeAll(async () => {
  ledger = await openLedger();
  const options = { prepareLockTimeout_ms: 200 };
  replica = ledger.replica(options);
  wire = await openWire(ledger.url);
  overWire = ledger.replica({ url: wire.url, ...options });
  await ledger.database.query(`INSERT INTO rows VALUES ('hot')`);
});
afterEach(async () => {
  for (const gid of await ledger.prepared()) await ledger.database.query(`ROLLBACK PREPARED '${gid}'`);
});
afterAll(async () => {
  await ledger.close();
  wire.close();
});

const done = { done: { result: '' } };
const doneWith = (number: number) => ({ done: { result: JSON.stringify({ number }) } });
const rejected = (code: string) => ({ rejected: { code, message: expect.any(String) } });
const failed = (code: string) => ({ failed: { code, message: expect.any(String) } });

describe('PREPARE', () => {
  test('then COMMIT takes effect, once', async () => {
    const { transactionId, call } = newBranch();
    expect(await replica.execute(call('PREPARE', { epoch: '18446744073709551615' }))).toEqual([doneWith(1)]);
    expect(await ledger.prepared()).toEqual([`assent_${transactionId}_0_18446744073709551615`]);
    expect(await ledger.effects(transactionId)).toEqual([]);
    expect(await replica.execute(call('COMMIT', { epoch: '18446744073709551615' }))).toEqual([done]);
    expect(await replica.execute(call('COMMIT', { epoch: '18446744073709551615' }))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
    expect(await ledger.prepared()).toEqual([]);
  });

  test('[P3] then ROLLBACK leaves nothing, and a late PREPARE is refused', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('PREPARE'))).toEqual([rejected('ABORTED')]);
    expect(await ledger.effects(transactionId)).toEqual([]);
    expect(await ledger.barrier(transactionId)).toEqual(['1 blocked', '2 done']);
    expect(await ledger.prepared()).toEqual([]);
  });

  test('[P4] that is rejected is rolled back and stays rejected', async () => {
    const { transactionId, call } = newBranch({ number: 5, does: { PREPARE: 'reject' } });
    const no = [{ rejected: { code: 'NO', message: 'no to 5' } }];
    expect(await replica.execute(call('PREPARE'))).toEqual(no);
    expect(await replica.execute(call('PREPARE', { payload: { number: 5 } }))).toEqual(no);
    expect(await ledger.prepared()).toEqual([]);
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('COMMIT'))).toEqual([failed('FAILED_PRECONDITION')]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('that can not be parsed is rejected', async () => {
    const { call } = newBranch();
    expect(await replica.execute(call('PREPARE', { payload: '{' }))).toEqual([rejected('INVALID_ARGUMENT')]);
    expect(await replica.execute(call('PREPARE'))).toEqual([rejected('INVALID_ARGUMENT')]);
  });

  test.each(['throw', 'swallow', 'miscount'] as const)('whose handler is bad (%s) leaves nothing', async (what) => {
    const { transactionId, call } = newBranch({ number: 1, does: { PREPARE: what } });
    expect(await replica.execute(call('PREPARE'))).toEqual([{ failed: expect.anything() }]);
    expect(await ledger.prepared()).toEqual([]);
    expect(await ledger.barrier(transactionId)).toEqual([]);
    expect(await replica.execute(call('PREPARE', { payload: { number: 1 } }))).toEqual([doneWith(1)]);
  });

  test('asked again is done, of whatever epoch', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    // Without waiting for the lock of the first.
    const patient = ledger.replica({ prepareLockTimeout_ms: 60_000 });
    expect(await patient.execute(call('PREPARE', { attempt: 2 }))).toEqual([done]);
    // Another coordinator doesn't know that it was asked before.
    expect(await replica.execute(call('PREPARE', { epoch: '2' }))).toEqual([done]);
    expect(await ledger.prepared()).toEqual([`assent_${transactionId}_0_1`]);
    expect(await replica.execute(call('COMMIT', { epoch: '2' }))).toEqual([done]);
    expect(await replica.execute(call('PREPARE', { epoch: '2' }))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
  });

  test('of another epoch is rolled back', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    expect(await replica.execute(call('ROLLBACK', { epoch: '2' }))).toEqual([done]);
    expect(await ledger.prepared()).toEqual([]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('at two replicas at once is prepared once', async () => {
    const other = ledger.replica({ prepareLockTimeout_ms: 200 });
    for (let round = 0; round < 4; round++) {
      const { transactionId, call } = newBranch();
      const ask = async ({ execute }: Replica, epoch: string) => {
        for (let attempt = 1; ; attempt++) {
          const [answer] = await execute(call('PREPARE', { epoch, attempt }));
          if (!answer?.failed) return answer;
        }
      };
      const answers = await Promise.all([ask(replica, '1'), ask(other, '2')]);
      expect(answers).toContainEqual(doneWith(1));
      expect(await ledger.prepared()).toHaveLength(1);
      expect(await other.execute(call('COMMIT', { epoch: '2' }))).toEqual([done]);
      expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
    }
  });

  test('[P6] that waits too long for a row votes no', async () => {
    const holder = newBranch({ number: 1, row: 'hot' });
    const waiter = newBranch({ number: 2, row: 'hot' });
    await replica.execute(holder.call('PREPARE'));
    expect(await replica.execute(waiter.call('PREPARE'))).toEqual([rejected('CONTENTION')]);
    await replica.execute(holder.call('COMMIT'));
    expect(await replica.execute(waiter.call('PREPARE', { attempt: 2 }))).toEqual([rejected('CONTENTION')]);
    expect(await replica.execute(waiter.call('ROLLBACK'))).toEqual([done]);
  });

  test('waits for a row, while COMMIT gets through to it', async () => {
    // More wait than there are connections.
    const patient = ledger.replica({ size: 2, prepareConcurrency: 4, prepareLockTimeout_ms: 15_000 });
    const branches = Array.from({ length: 12 }, (_, number) => newBranch({ number, row: 'hot' }));
    const answers = await Promise.all(
      branches.map(async ({ call }) => {
        const [vote] = await patient.execute(call('PREPARE'));
        return [vote, ...(await patient.execute(call('COMMIT')))];
      }),
    );
    expect(answers).toEqual(branches.map((_, number) => [doneWith(number), done]));
  });
});

test('a ROLLBACK that overtakes its PREPARE waits for it, not for what it leaves', async () => {
  const other = ledger.replica({ prepareLockTimeout_ms: 5000 });
  const holder = newBranch({ number: 1, row: 'hot' });
  const { transactionId, call } = newBranch({ number: 2, row: 'hot' });
  await replica.execute(holder.call('PREPARE'));
  const vote = other.execute(call('PREPARE'));
  await eventually(async () => {
    const { rows } = await ledger.database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(1);
  });
  const undone = replica.execute(call('ROLLBACK'));
  await replica.execute(holder.call('COMMIT'));
  expect(await vote).toEqual([doneWith(2)]);
  expect(await undone).toEqual([done]);
  expect(await ledger.prepared()).toEqual([]);
  expect(await ledger.effects(transactionId)).toEqual([]);
});

describe('COMMIT', () => {
  test('[P5] of what was never prepared fails', async () => {
    const { call } = newBranch();
    expect(await replica.execute(call('COMMIT'))).toEqual([failed('FAILED_PRECONDITION')]);
  });

  test('[P5] of what was rolled back fails', async () => {
    const { call } = newBranch();
    await replica.execute(call('ROLLBACK'));
    expect(await replica.execute(call('COMMIT'))).toEqual([failed('FAILED_PRECONDITION')]);
  });
});

describe('ROLLBACK', () => {
  test('[P2] [P3] that comes first keeps PREPARE out', async () => {
    const { call } = newBranch();
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('PREPARE'))).toEqual([rejected('ABORTED')]);
    expect(await ledger.prepared()).toEqual([]);
  });

  test('of what was committed says so, and leaves nothing', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('PREPARE'));
    await replica.execute(call('COMMIT'));
    expect(await replica.execute(call('ROLLBACK'))).toEqual([rejected('COMMITTED')]);
    expect(await replica.execute(call('ROLLBACK'))).toEqual([rejected('COMMITTED')]);
    expect(await replica.execute(call('COMMIT'))).toEqual([done]);
    expect(await ledger.barrier(transactionId)).toEqual(['1 done']);
  });
});

describe('[D4] an answer that is lost says nothing about', () => {
  test('PREPARE', async () => {
    const { transactionId, call } = newBranch();
    wire.loseAnswerTo('PREPARE TRANSACTION');
    expect(await overWire.execute(call('PREPARE'))).toEqual([{ failed: expect.anything() }]);
    expect(await ledger.prepared()).toEqual([`assent_${transactionId}_0_1`]);
    expect(await overWire.execute(call('PREPARE', { attempt: 2 }))).toEqual([done]);
    expect(await overWire.execute(call('COMMIT'))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
  });

  test.each(['COMMIT', 'ROLLBACK'] as const)('%s', async (operation) => {
    const { transactionId, call } = newBranch();
    await overWire.execute(call('PREPARE'));
    wire.loseAnswerTo(`${operation} PREPARED`);
    expect(await overWire.execute(call(operation))).toEqual([{ failed: expect.anything() }]);
    expect(await overWire.execute(call(operation, { attempt: 2 }))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(operation === 'COMMIT' ? ['PREPARE 1'] : []);
  });

  test('ACTION', async () => {
    const { transactionId, call } = newBranch();
    wire.loseAnswerTo('COMMIT');
    expect(await overWire.execute(call('ACTION'))).toEqual([{ failed: expect.anything() }]);
    expect(await ledger.effects(transactionId)).toEqual(['ACTION 1']);
    expect(await overWire.execute(call('ACTION', { attempt: 2 }))).toEqual([doneWith(1)]);
    expect(await ledger.effects(transactionId)).toEqual(['ACTION 1']);
  });
});

test('a server process that is ended in the middle of a PREPARE leaves nothing', async () => {
  const holder = newBranch({ number: 1, row: 'hot' });
  const { transactionId, call } = newBranch({ number: 2, row: 'hot' });
  await replica.execute(holder.call('PREPARE'));
  const patient = ledger.replica({ prepareLockTimeout_ms: 10_000 });
  const vote = patient.execute(call('PREPARE'));
  await eventually(async () => {
    const { rowCount } = await ledger.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'`,
    );
    expect(rowCount).toBe(1);
  });
  expect(await vote).toEqual([failed('57P01')]);
  await replica.execute(holder.call('COMMIT'));
  expect(await ledger.barrier(transactionId)).toEqual([]);
  expect(await patient.execute(call('PREPARE', { attempt: 2 }))).toEqual([doneWith(2)]);
  expect(await patient.execute(call('COMMIT'))).toEqual([done]);
});

describe('round trips: the claim, the handler, the end', () => {
  test.each([
    ['ACTION', 3],
    ['PREPARE', 3],
    ['COMMIT', 1],
  ] as const)('%s', async (operation, expected) => {
    const counted = async () => {
      const { call } = newBranch();
      if (operation === 'COMMIT') await overWire.execute(call('PREPARE'));
      const before = wire.roundTrips();
      await overWire.execute(call(operation));
      return wire.roundTrips() - before;
    };
    await counted();
    expect(await counted()).toBe(expected);
  });
});
