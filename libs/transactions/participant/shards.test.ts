import { eventually } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ledger, newBranch, openLedger, type Payload, type Replica, shardedActions } from './testing/ledger.ts';

let ledgers: readonly Ledger[];
let replica: Replica;
beforeAll(async () => {
  ledgers = await Promise.all([openLedger(), openLedger(), openLedger()]);
  replica = ledgers[0]!.replica({ shards: ledgers.map(({ database }) => ({ database })), actions: shardedActions });
});
afterAll(async () => {
  await Promise.all(ledgers.map((ledger) => ledger.close()));
});

const done = { done: { result: '' } };
const doneWith = (number: number) => ({ done: { result: JSON.stringify({ number }) } });
const rejected = (code: string) => ({ rejected: { code, message: expect.any(String) } });
const failed = (code: string) => ({ failed: { code, message: expect.any(String) } });

const in_ = (shard: number, number = 1): Payload => ({ number, shard });
const effects = (transactionId: string) => Promise.all(ledgers.map((ledger) => ledger.effects(transactionId)));
const barriers = (transactionId: string) => Promise.all(ledgers.map((ledger) => ledger.barrier(transactionId)));

describe('a participant with several databases', () => {
  test.each([
    ['ACTION', 'COMPENSATE'],
    ['TRY', 'CONFIRM'],
    ['TRY', 'CANCEL'],
  ] as const)('does %s and %s where the payload says', async (first, last) => {
    const { transactionId, call } = newBranch(in_(2));
    expect(await replica.execute(call(first))).toEqual([doneWith(1)]);
    expect(await replica.execute(call(last))).toEqual([done]);
    expect(await effects(transactionId)).toEqual([[], [], [`${first} 1`, `${last} 1`].sort()]);
  });

  test.each(['COMMIT', 'ROLLBACK'] as const)('prepares there, and does %s there', async (last) => {
    const { transactionId, call } = newBranch(in_(1));
    expect(await replica.execute(call('PREPARE'))).toEqual([doneWith(1)]);
    expect((await replica.participant.inDoubt()).map(({ count }) => count)).toEqual([0, 1, 0]);
    expect(await replica.execute(call(last))).toEqual([done]);
    expect(await effects(transactionId)).toEqual([[], last === 'COMMIT' ? ['PREPARE 1'] : [], []]);
  });

  test('takes branches of one transaction in different databases, of one batch', async () => {
    const { transactionId, call } = newBranch();
    const calls = [0, 1, 2].map((shard) => call('ACTION', { branch: shard, payload: in_(shard, shard) }));
    expect(await replica.execute(...calls)).toEqual([0, 1, 2].map(doneWith));
    expect(await effects(transactionId)).toEqual([['ACTION 0'], ['ACTION 1'], ['ACTION 2']]);
  });

  test.each([3, -1, 1.5])('has no database %d, and says so', async (shard) => {
    const { transactionId, call } = newBranch(in_(shard));
    for (const operation of ['ACTION', 'COMPENSATE', 'COMMIT'] as const) {
      expect(await replica.execute(call(operation))).toEqual([failed('UNAVAILABLE')]);
    }
    expect(await barriers(transactionId)).toEqual([[], [], []]);
  });

  test('ends what is in doubt in each of them', async () => {
    const branches = [0, 1, 2].map((shard) => newBranch(in_(shard)));
    for (const { call } of branches) await replica.execute(call('PREPARE'));
    const getDecisions = async ({ transactionIds }: { transactionIds: string[] }) => ({
      decisions: transactionIds.map(() => 'COMMIT'),
    });
    const { participant } = ledgers[0]!.replica({
      shards: ledgers.map(({ database }) => ({ database })),
      actions: shardedActions,
      coordinator: { getDecisions } as never,
      inDoubtAfter_ms: 0,
      reconcileEvery_ms: 50,
    });
    await participant.start();
    for (const ledger of ledgers) await eventually(async () => expect(await ledger.prepared()).toEqual([]));
    await participant.stop();
    for (const [shard, { transactionId }] of branches.entries()) {
      expect((await effects(transactionId))[shard]).toEqual(['PREPARE 1']);
    }
  });
});

// Another version of the service may be able to, and have done it.
describe('what can not be read here', () => {
  const unreadable = '{"nonsense":1}';

  test.each([
    ['ACTION', 'COMPENSATE'],
    ['TRY', 'CANCEL'],
    ['PREPARE', 'ROLLBACK'],
  ] as const)('is rejected by all databases (%s) and undone in all of them (%s)', async (first, undo) => {
    const { call } = newBranch(in_(2));
    expect(await replica.execute(call(first, { payload: unreadable }))).toEqual([rejected('INVALID_ARGUMENT')]);
    expect(await replica.execute(call(first))).toEqual([rejected('INVALID_ARGUMENT')]);
    expect(await replica.execute(call(undo, { payload: unreadable }))).toEqual([done]);
  });

  test('is done if it was', async () => {
    const { transactionId, call } = newBranch(in_(2));
    await replica.execute(call('ACTION'));
    expect(await replica.execute(call('ACTION', { payload: unreadable }))).toEqual([doneWith(1)]);
    expect(await replica.execute(call('COMPENSATE', { payload: unreadable }))).toEqual([failed('INVALID_ARGUMENT')]);
    expect(await replica.execute(call('COMPENSATE'))).toEqual([done]);
    expect(await effects(transactionId)).toEqual([[], [], ['ACTION 1', 'COMPENSATE 1']]);
  });

  test('is committed where it is prepared', async () => {
    const { transactionId, call } = newBranch(in_(1));
    await replica.execute(call('PREPARE'));
    expect(await replica.execute(call('COMMIT', { payload: unreadable }))).toEqual([done]);
    expect(await effects(transactionId)).toEqual([[], ['PREPARE 1'], []]);
  });
});
