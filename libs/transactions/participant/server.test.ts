// What a server can do to participants: it has too few slots for prepared transactions, or it crashes.
import { migrate, openDatabase } from '@assent/postgres';
import { createDatabaseAndRole } from '@assent/postgres/embedded';
import { createLogger } from '@assent/telemetry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isForGood, type Operation } from '../protocol/index.ts';
import { defineAction, participantMigrations } from './index.ts';
import { insist, type Ledger, newBranch, openLedger, type TestCall } from './testing/ledger.ts';
import { type OwnServer, openOwnServer } from './testing/server.ts';

let server: OwnServer;
let ledger: Ledger;
beforeAll(async () => {
  server = await openOwnServer(2);
  ledger = await openLedger({ url: server.url, drop: server.close });
});
afterAll(() => ledger.close());

test('[P6] branches without a slot are asked again, none is rejected, and the number that is needed is told', async () => {
  const told: unknown[][] = [];
  const log = createLogger({ service: 'test', level: 'silent' });
  const replica = ledger.replica({ log: { ...log, warn: (...words: unknown[]) => told.push(words) } as typeof log });
  await replica.participant.start();
  expect(told).toEqual([[{ max_prepared_transactions: 2, needed: 8 }, expect.stringContaining('at least')]]);

  const failures: string[] = [];
  const end = async (number: number) => {
    const { transactionId, call } = newBranch({ number });
    const last = number % 4 === 0 ? 'ROLLBACK' : 'COMMIT';
    expect(await insist([replica], call('PREPARE'), (code) => failures.push(code))).toHaveProperty('done');
    expect(await insist([replica], call(last))).toEqual({ done: { result: '' } });
    expect(await ledger.effects(transactionId)).toEqual(last === 'COMMIT' ? [`PREPARE ${number}`] : []);
  };
  await Promise.all(Array.from({ length: 20 }, (_, number) => end(number)));
  expect(failures).toContain('53200');
  expect(isForGood({ code: '53200', message: '' })).toBe(false);
  await replica.participant.stop();
});

describe('flushes:', () => {
  const reading = { number: 1, does: { PREPARE: 'read' } } as const;
  const branches = (count: number) => Array.from({ length: count }, (_, number) => newBranch({ number }));
  const calls = (operation: Operation, count = 1) => branches(count).map(({ call }) => call(operation));

  test.each<[string, flushes: number, before: TestCall[], counted: TestCall[]]>([
    ['ACTION', 1, [], calls('ACTION')],
    ['20 ACTIONs of a batch', 1, [], calls('ACTION', 20)],
    ['COMMIT_ONE_PHASE', 1, [], calls('COMMIT_ONE_PHASE')],
    ['20 of a batch', 1, [], calls('COMMIT_ONE_PHASE', 20)],
    ['PREPARE', 1, [], calls('PREPARE')],
    ['PREPARE that is read-only', 0, [], [newBranch(reading).call('PREPARE')]],
    ...branches(2).map(({ call }, index): [string, number, TestCall[], TestCall[]] => {
      // ROLLBACK ends it, and keeps what is late out.
      const operation = (['COMMIT', 'ROLLBACK'] as const)[index]!;
      return [operation, index + 1, [call('PREPARE')], [call(operation)]];
    }),
  ])('%s', async (_, expected, before, counted) => {
    for (const one of before) await insist([ledger.replica()], one);
    const start = await server.flushes();
    // One whose connections haven't been ended.
    for (const answer of await ledger.replica().execute(...counted)) expect(answer).toHaveProperty('done');
    expect((await server.flushes()) - start).toBe(expected);
    const left = counted.filter(({ operation }) => operation === 'PREPARE');
    for (const one of left) await insist([ledger.replica()], { ...one, operation: 'ROLLBACK' });
  });
});

const effectsOf = { COMPENSATE: ['ACTION', 'COMPENSATE'], COMMIT: ['PREPARE'], ROLLBACK: [] };

test('[P1] a server that crashes in the middle has every operation take effect once', async () => {
  await server.crash(50);
  const replicas = [ledger.replica(), ledger.replica()];
  const kept = Array.from({ length: 5 }, (_, number) => newBranch({ number }));
  for (const { call } of kept) await insist(replicas, call('PREPARE'));
  const { promise: warm, resolve: onWarm } = Promise.withResolvers<void>();
  const expected = new Map<string, string[]>();
  let ended = 0;
  let failures = 0;
  const ask = (call: Parameters<typeof insist>[1]) => insist(replicas, call, () => failures++);

  async function work(number: number): Promise<void> {
    const pairs = [['ACTION', 'COMPENSATE'] as const, ['PREPARE', 'COMMIT'] as const, ['PREPARE', 'ROLLBACK'] as const];
    const [first, last] = pairs[number % 3]!;
    const { transactionId, call } = newBranch({ number });
    expect(await ask(call(first))).toHaveProperty('done');
    expect(await ask(call(last))).toEqual({ done: { result: '' } });
    expected.set(
      transactionId,
      effectsOf[last].map((operation) => `${operation} ${number}`),
    );
    if (++ended === 10) onWarm();
  }
  const clients = Array.from({ length: 6 }, async (_, client) => {
    for (let round = 0; round < 8; round++) await work(client + 6 * round);
  });
  await Promise.all([...clients, warm.then(() => server.crash(50))]);
  expect(failures).toBeGreaterThan(0);
  for (const [transactionId, effects] of expected) expect(await ledger.effects(transactionId)).toEqual(effects);

  expect((await ledger.prepared()).length).toBe(kept.length);
  for (const [number, { transactionId, call }] of kept.entries()) {
    expect(await ask(call('COMMIT'))).toEqual({ done: { result: '' } });
    expect(await ledger.effects(transactionId)).toEqual([`PREPARE ${number}`]);
  }
  expect(await ledger.prepared()).toEqual([]);
});

test('[P6] without any slots nothing is migrated and no participant starts, unless no action can prepare', async () => {
  const without = await openOwnServer(0);
  const empty = await createDatabaseAndRole(without.adminUrl, { database: 'empty', role: 'empty', password: 'empty' });
  const prepare = defineAction({
    name: 'transfer',
    parse: () => null,
    handlers: { PREPARE: async () => [{ type: 'done' }] },
  });
  await expect(migrate(empty, [participantMigrations([prepare])])).rejects.toThrow(
    "the action 'transfer' has PREPARE, but the server of the database empty has prepared transactions switched off: set max_prepared_transactions",
  );
  const database = openDatabase({ url: empty, name: 'test', size: 1 });
  expect((await database.query(`SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).rows).toEqual([]);
  await database.close();
  await migrate(empty, [participantMigrations([])]);
  const other = await openLedger({ url: without.url, drop: without.close });
  await expect(other.replica().participant.start()).rejects.toThrow('set max_prepared_transactions');
  await other.close();
});
