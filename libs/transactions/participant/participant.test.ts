import { type Database, openDatabase } from '@assent/postgres';
import { ParticipantService } from '@assent/protos';
import { connect, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { testDatabase } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';

let ledger: Ledger;
let replica: Replica;
beforeAll(async () => {
  ledger = await openLedger();
  replica = ledger.replica();
});
afterAll(() => ledger.close());

const done = { done: { result: '' } };
const doneWith = (number: number) => ({ done: { result: JSON.stringify({ number }) } });
const rejected = (code: string) => ({ rejected: { code, message: expect.any(String) } });
const failed = (code: string) => ({ failed: { code, message: expect.any(String) } });

describe('a first phase', () => {
  test.each(['ACTION', 'TRY', 'DELIVER'] as const)(
    '[P1] %s takes effect once, and its result comes again',
    async (operation) => {
      const { transactionId, call } = newBranch({ number: 7 });
      expect(await replica.execute(call(operation))).toEqual([doneWith(7)]);
      expect(await replica.execute(call(operation))).toEqual([doneWith(7)]);
      expect(await ledger.effects(transactionId)).toEqual([`${operation} 7`]);
    },
  );

  test.each(['ACTION', 'TRY'] as const)('[P4] %s that was rejected stays rejected', async (operation) => {
    const { transactionId, call } = newBranch({ number: 8, does: { [operation]: 'reject' } });
    const no = [{ rejected: { code: 'NO', message: 'no to 8' } }];
    expect(await replica.execute(call(operation))).toEqual(no);
    expect(await replica.execute(call(operation, { payload: { number: 8 } }))).toEqual(no);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('that can not be parsed is rejected, and has nothing to undo', async () => {
    const { transactionId, call } = newBranch();
    const payload = '{"nonsense":1}';
    expect(await replica.execute(call('ACTION', { payload }))).toEqual([rejected('INVALID_ARGUMENT')]);
    expect(await replica.execute(call('ACTION'))).toEqual([rejected('INVALID_ARGUMENT')]);
    expect(await replica.execute(call('COMPENSATE', { payload }))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual([]);
  });

  test('of other branches of the same transaction is another', async () => {
    const { transactionId, call } = newBranch();
    const calls = [0, 1, 2].map((branch) => call('ACTION', { branch, payload: { number: branch } }));
    expect(await replica.execute(...calls)).toEqual([0, 1, 2].map(doneWith));
    expect(await ledger.effects(transactionId)).toEqual(['ACTION 0', 'ACTION 1', 'ACTION 2']);
  });
});

describe('an undo', () => {
  const pairs = [
    ['ACTION', 'COMPENSATE'],
    ['TRY', 'CANCEL'],
  ] as const;
  describe.each(pairs)('of %s by %s', (first, undo) => {
    test('takes effect once', async () => {
      const { transactionId, call } = newBranch();
      await replica.execute(call(first));
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await ledger.effects(transactionId)).toEqual([`${first} 1`, `${undo} 1`].sort());
    });

    test('[P2] [P3] that comes first does nothing, and what comes after it is refused', async () => {
      const { transactionId, call } = newBranch();
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await replica.execute(call(first))).toEqual([rejected('ABORTED')]);
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await ledger.effects(transactionId)).toEqual([]);
      expect(await ledger.barrier(transactionId)).toEqual(['1 blocked', '2 done']);
    });

    test('of what was rejected does nothing', async () => {
      const { transactionId, call } = newBranch({ number: 1, does: { [first]: 'reject' } });
      await replica.execute(call(first));
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await ledger.effects(transactionId)).toEqual([]);
    });

    test('that throws has not happened', async () => {
      const { transactionId, call } = newBranch();
      await replica.execute(call(first));
      const payload = { number: 1, does: { [undo]: 'throw' } } as const;
      expect(await replica.execute(call(undo, { payload }))).toEqual([failed('INTERNAL')]);
      expect(await replica.execute(call(undo))).toEqual([done]);
      expect(await ledger.effects(transactionId)).toEqual([`${first} 1`, `${undo} 1`].sort());
    });
  });
});

describe('CONFIRM', () => {
  test('takes effect once', async () => {
    const { transactionId, call } = newBranch();
    await replica.execute(call('TRY'));
    expect(await replica.execute(call('CONFIRM'))).toEqual([done]);
    expect(await replica.execute(call('CONFIRM'))).toEqual([done]);
    expect(await ledger.effects(transactionId)).toEqual(['CONFIRM 1', 'TRY 1']);
  });

  test('[P5] without a TRY fails and leaves nothing', async () => {
    const { transactionId, call } = newBranch();
    expect(await replica.execute(call('CONFIRM'))).toEqual([failed('FAILED_PRECONDITION')]);
    expect(await ledger.barrier(transactionId)).toEqual([]);
    expect(await replica.execute(call('TRY'))).toEqual([doneWith(1)]);
    expect(await replica.execute(call('CONFIRM'))).toEqual([done]);
  });

  test('after a rejected TRY fails', async () => {
    const { call } = newBranch({ number: 1, does: { TRY: 'reject' } });
    await replica.execute(call('TRY'));
    expect(await replica.execute(call('CONFIRM'))).toEqual([failed('FAILED_PRECONDITION')]);
  });
});

describe('[D4] a second phase can not say no:', () => {
  test.each(['CONFIRM', 'CANCEL', 'COMPENSATE', 'DELIVER'] as const)('%s', async (operation) => {
    const { transactionId, call } = newBranch({ number: 1, does: { [operation]: 'reject' } });
    if (operation !== 'DELIVER') await replica.execute(call('TRY'));
    const before = await ledger.barrier(transactionId);
    expect(await replica.execute(call(operation))).toEqual([failed('INTERNAL')]);
    expect(await ledger.barrier(transactionId)).toEqual(before);
    const good = operation === 'DELIVER' ? doneWith(1) : done;
    expect(await replica.execute(call(operation, { payload: { number: 1 } }))).toEqual([good]);
  });
});

describe('a handler', () => {
  test('that throws gives nothing away', async () => {
    const { call } = newBranch({ number: 1, does: { ACTION: 'throw' } });
    expect(await replica.execute(call('ACTION'))).toEqual([
      { failed: { code: 'INTERNAL', message: 'internal error' } },
    ]);
  });

  test('that swallows an error has done nothing', async () => {
    const { transactionId, call } = newBranch({ number: 1, does: { ACTION: 'swallow' } });
    expect(await replica.execute(call('ACTION'))).toEqual([failed('25P02')]);
    expect(await ledger.barrier(transactionId)).toEqual([]);
  });

  test('that forgets a call has done nothing', async () => {
    const { transactionId, call } = newBranch({ number: 1, does: { ACTION: 'miscount' } });
    expect(await replica.execute(call('ACTION'))).toEqual([failed('INTERNAL')]);
    expect(await ledger.barrier(transactionId)).toEqual([]);
  });
});

test('a rejection that can not be recorded is none', async () => {
  const { transactionId, call } = newBranch({ number: 1, does: { ACTION: 'garble' } });
  expect(await replica.execute(call('ACTION'))).toEqual([failed('22021')]);
  expect(await ledger.barrier(transactionId)).toEqual([]);
});

describe('a batch', () => {
  test('[P7] with bad calls does the others', async () => {
    const branches = Array.from({ length: 40 }, (_, number) =>
      newBranch({ number, ...(number % 10 === 3 && { does: { ACTION: number === 3 ? 'reject' : 'throw' } }) }),
    );
    const answers = await replica.execute(...branches.map(({ call }) => call('ACTION')));
    for (const [number, { transactionId }] of branches.entries()) {
      const bad = number % 10 === 3;
      expect(answers[number]).toEqual(bad ? (number === 3 ? rejected('NO') : failed('INTERNAL')) : doneWith(number));
      expect(await ledger.effects(transactionId)).toEqual(bad ? [] : [`ACTION ${number}`]);
    }
  });

  test('of which some want a row that is held for long does the others', async () => {
    await ledger.database.query("INSERT INTO rows VALUES ('held'), ('free') ON CONFLICT DO NOTHING");
    const branches = Array.from({ length: 10 }, (_, number) =>
      newBranch({ number, row: number < 6 ? 'held' : 'free' }),
    );
    const answers = await ledger.database.transaction(async (sql) => {
      await sql.query("SELECT FROM rows WHERE name = 'held' FOR UPDATE");
      return replica.execute(...branches.map(({ call }) => call('ACTION')));
    });
    expect(answers.slice(6)).toEqual([6, 7, 8, 9].map(doneWith));
    expect(answers.slice(0, 6)).toEqual(Array(6).fill(failed('55P03')));
  });

  test('is answered in one response for each operation', async () => {
    const calls = Array.from({ length: 20 }, (_, number) =>
      newBranch({ number }).call(number % 2 === 0 ? 'ACTION' : 'DELIVER'),
    );
    const responses = await replica.responses(...calls);
    expect(responses.map(({ outcomes }) => outcomes?.length)).toEqual([10, 10]);
  });

  test('does the same branch once', async () => {
    const { transactionId, call } = newBranch();
    const same = Array(5).fill(call('ACTION'));
    const [responses, again] = await Promise.all([replica.responses(...same), replica.execute(...same)]);
    // Were they not one call, they would fail as a batch.
    expect(responses.map(({ outcomes }) => outcomes?.length)).toEqual([5]);
    expect(again).toEqual(same.map(() => doneWith(1)));
    expect(await ledger.effects(transactionId)).toEqual(['ACTION 1']);
  });
});

describe('a call fails that', () => {
  const transactionId = newBranch().transactionId;
  test.each([
    ['names no UUID', { transactionId: "'; DROP TABLE barrier" }, 'INVALID_ARGUMENT'],
    ['has a branch too high', { transactionId, branch: 2 ** 31 }, 'INVALID_ARGUMENT'],
    ['has no operation', { transactionId, operation: 'OPERATION_UNSPECIFIED' as 'ACTION' }, 'INVALID_ARGUMENT'],
    ['has an unknown action', { transactionId, action: 'constructor' }, 'UNIMPLEMENTED'],
    ['has an operation that the action lacks', { transactionId, action: 'hold' }, 'UNIMPLEMENTED'],
  ])('%s', async (_, call, code) => {
    expect(await replica.execute({ operation: 'ACTION', ...call })).toEqual([failed(code)]);
  });

  test('comes when too many wait', async () => {
    const small = ledger.replica({ queueSize: 3 });
    const answers = await small.execute(...Array.from({ length: 5 }, () => newBranch().call('ACTION')));
    expect(answers).toEqual([...Array(3).fill(doneWith(1)), ...Array(2).fill(failed('RESOURCE_EXHAUSTED'))]);
  });

  test('comes when the database is not there, without trying it for each', async () => {
    let tries = 0;
    async function transaction<T>(): Promise<T> {
      tries++;
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    const lost = ledger.replica({ database: { ...ledger.database, transaction } });
    const answers = await lost.execute(...Array.from({ length: 50 }, () => newBranch().call('ACTION')));
    expect(answers).toEqual(Array(50).fill(failed('UNAVAILABLE')));
    expect(tries).toBe(1);
  });
});

test('over gRPC a batch is answered in one message for each operation', async () => {
  const log = createLogger({ service: 'test', level: 'silent' });
  const services = [replica.participant.service];
  const served = await serve({ host: '127.0.0.1', port: 0, services, log });
  const client = connect(ParticipantService, { target: `127.0.0.1:${served.port}` });
  const calls = Array.from({ length: 30 }, (_, number) => ({
    transactionId: newBranch().transactionId,
    operation: (['ACTION', 'PREPARE', 'DELIVER'] as const)[number % 3]!,
    action: number % 3 === 1 ? 'hold' : 'pay',
    payload: JSON.stringify({ number }),
    epoch: '7',
    attempt: 1,
  }));
  const messages = [];
  for await (const { outcomes } of client.execute({ calls })) messages.push(outcomes);
  const results = messages.flat().sort((a, b) => a.index - b.index);
  expect(results.map(({ outcome, done }) => [outcome, done?.result])).toEqual(
    calls.map(({ payload }) => ['done', payload]),
  );
  expect(messages.filter((outcomes) => outcomes.length === 10).length).toBe(2);
  client.close();
  served.close();
});

describe('start', () => {
  test('wants the barrier', async () => {
    const { url, drop } = await testDatabase();
    const elsewhere = openDatabase({ url, name: 'test', size: 1 });
    const start = (databases: { database: Database; secondPhase: Database }) =>
      ledger.replica(databases).participant.start();
    await expect(start({ database: elsewhere, secondPhase: elsewhere })).rejects.toThrow("no table 'barrier'");
    await expect(start({ database: ledger.database, secondPhase: elsewhere })).rejects.toThrow('secondPhase is');
    await elsewhere.close();
    await drop();
  });
});
