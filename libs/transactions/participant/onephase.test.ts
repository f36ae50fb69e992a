import { eventually } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insist, type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';
import { openWire, type Wire } from './testing/wire.ts';

let ledger: Ledger;
let replica: Replica;
let other: Replica;
let wire: Wire;
let overWire: Replica;
beforeAll(async () => {
  ledger = await openLedger();
  replica = ledger.replica();
  other = ledger.replica();
  wire = await openWire(ledger.url);
  overWire = ledger.replica({ url: wire.url });
  await ledger.database.query(`INSERT INTO rows VALUES ('hot')`);
});
afterAll(async () => {
  await ledger.close();
  wire.close();
});

const done = { done: { result: '' } };
const doneWith = (number: number) => ({ done: { result: JSON.stringify({ number }) } });
const readWith = (number: number) => ({ done: { result: JSON.stringify({ number }), readOnly: true } });
const rejected = (code: string) => ({ rejected: { code, message: expect.any(String) } });
const failed = (code: string) => ({ failed: { code, message: expect.any(String) } });

describe('[S2] COMMIT_ONE_PHASE', () => {
  test('takes effect once, and its result comes again', async () => {
    const { transactionId, call } = newBranch({ number: 3 });
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([doneWith(3)]);
    expect(await other.execute(call('COMMIT_ONE_PHASE', { attempt: 2, epoch: '2' }))).toEqual([doneWith(3)]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 3']);
    expect(await ledger.barrier(transactionId)).toEqual(['1 done']);
    expect(await ledger.prepared()).toEqual([]);
  });

  test('that is rejected stays rejected, and can be rolled back', async () => {
    const { transactionId, call } = newBranch({ number: 4, does: { PREPARE: 'reject' } });
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([rejected('NO')]);
    expect(await replica.execute(call('COMMIT_ONE_PHASE', { payload: { number: 4 } }))).toEqual([rejected('NO')]);
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([rejected('NO')]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('of a batch with bad calls does the others', async () => {
    const branches = Array.from({ length: 20 }, (_, number) =>
      newBranch({ number, ...(number % 10 === 3 && { does: { PREPARE: number === 3 ? 'reject' : 'throw' } }) }),
    );
    const answers = await replica.execute(...branches.map(({ call }) => call('COMMIT_ONE_PHASE')));
    for (const number of branches.keys()) {
      const bad = number === 3 ? rejected('NO') : failed('INTERNAL');
      expect(answers[number]).toEqual(number % 10 === 3 ? bad : doneWith(number));
    }
  });

  test('whose answer is lost is answered the next time', async () => {
    const { transactionId, call } = newBranch();
    wire.loseAnswerTo('COMMIT');
    expect(await overWire.execute(call('COMMIT_ONE_PHASE'))).toEqual([{ failed: expect.anything() }]);
    expect(await overWire.execute(call('COMMIT_ONE_PHASE', { attempt: 2 }))).toEqual([doneWith(1)]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
  });
});

describe('[S2] giving COMMIT_ONE_PHASE up by ROLLBACK', () => {
  test('before it came keeps it out', async () => {
    const { transactionId, call } = newBranch();
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([rejected('ABORTED')]);
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('after it was done says that it is committed, each time, and leaves nothing', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('COMMIT_ONE_PHASE'));
    expect(await replica.execute(call('ROLLBACK'))).toEqual([rejected('COMMITTED')]);
    expect(await other.execute(call('ROLLBACK'))).toEqual([rejected('COMMITTED')]);
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([doneWith(1)]);
    expect(await ledger.barrier(transactionId)).toEqual(['1 done']);
  });

  test.each(['done', 'read'] as const)('while it is under way waits for what becomes of it (%s)', async (conduct) => {
    const { transactionId, call } = newBranch({
      number: 1,
      row: 'hot',
      ...(conduct === 'read' && { does: { PREPARE: 'read' } }),
    });
    const patient = ledger.replica({ lockTimeout_ms: 60_000 });
    const release = Promise.withResolvers<void>();
    const holding = ledger.database.transaction(async (sql) => {
      await sql.query(`SELECT FROM rows WHERE name = 'hot' FOR UPDATE`);
      const vote = patient.execute(call('COMMIT_ONE_PHASE'));
      await lockedOut(1);
      const undone = insist([other], call('ROLLBACK'));
      await lockedOut(2);
      release.resolve();
      return { vote, undone };
    });
    await release.promise;
    const { vote, undone } = await holding;
    expect(await vote).toEqual([doneWith(1)]);
    expect(await undone).toEqual(rejected('COMMITTED'));
    expect(await ledger.effects(transactionId)).toEqual(conduct === 'read' ? [] : ['PREPARE 1']);
  });

  test('at the same moment, at any replica, ends one way or the other', async () => {
    const branches = Array.from({ length: 60 }, (_, number) => newBranch({ number }));
    const [votes, undone] = await Promise.all([
      replica.execute(...branches.map(({ call }) => call('COMMIT_ONE_PHASE'))),
      other.execute(...branches.toReversed().map(({ call }) => call('ROLLBACK'))),
    ]);
    for (const [number, { transactionId }] of branches.entries()) {
      const vote = votes[number]!;
      const undo = undone[branches.length - 1 - number]!;
      const isCommitted = vote.done !== undefined;
      expect(vote).toEqual(isCommitted ? doneWith(number) : rejected('ABORTED'));
      expect(undo).toEqual(isCommitted ? rejected('COMMITTED') : done);
      expect(await ledger.effects(transactionId)).toEqual(isCommitted ? [`PREPARE ${number}`] : []);
    }
  });
});

describe('[S3] a read-only vote', () => {
  test('leaves nothing, also when it is asked for again', async () => {
    const { transactionId, call } = newBranch({ number: 5, row: 'hot', does: { PREPARE: 'read' } });
    expect(await replica.execute(call('PREPARE'))).toEqual([readWith(5)]);
    expect(await other.execute(call('PREPARE', { attempt: 2, epoch: '2' }))).toEqual([readWith(5)]);
    expect(await ledger.prepared()).toEqual([]);
    expect(await ledger.barrier(transactionId)).toEqual([]);
    // A takeover doesn't know that there is nothing to undo.
    expect(await replica.execute(call('ROLLBACK'))).toEqual([done]);
    expect(await replica.execute(call('PREPARE'))).toEqual([rejected('ABORTED')]);
  });

  test('costs no round trip more, and no flush', async () => {
    const vote = async () => {
      const before = wire.roundTrips();
      const { call } = newBranch({ number: 5, row: 'hot', does: { PREPARE: 'read' } });
      expect(await overWire.execute(call('PREPARE'))).toEqual([readWith(5)]);
      return wire.roundTrips() - before;
    };
    await vote();
    expect(await vote()).toBe(3);
  });

  test('of a handler that has written is a failure', async () => {
    const { transactionId, call } = newBranch({ number: 6, does: { PREPARE: 'lie' } });
    expect(await replica.execute(call('PREPARE'))).toEqual([failed('INTERNAL')]);
    expect(await ledger.prepared()).toEqual([]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('in one phase is simply done', async () => {
    const { call } = newBranch({ number: 7, does: { PREPARE: 'read' } });
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([doneWith(7)]);
    expect(await replica.execute(call('COMMIT_ONE_PHASE'))).toEqual([doneWith(7)]);
  });
});

async function lockedOut(sessions: number): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await ledger.database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBe(sessions);
  });
}
