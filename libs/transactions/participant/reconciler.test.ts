import type { Database } from '@assent/postgres';
import { CoordinatorService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { GetDecisionsResponse } from '@assent/protos/coordinator/v1/GetDecisionsResponse.ts';
import { type Client, connect, implement, RpcError, type RpcServer, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Prepared } from './prepared.ts';
import { reconcileOnce } from './reconciler.ts';
import { type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';
import { openWire } from './testing/wire.ts';

type Decision = GetDecisionsResponse['decisions'][number];

const log = createLogger({ service: 'test', level: 'silent' });
const decisions = new Map<string, Decision>();
let asked: string[][] = [];
const epochsOf = new Map<string, string>();
let broken = 0;

async function getDecisions({ transactionIds, epochs }: { transactionIds: string[]; epochs: string[] }) {
  asked.push(transactionIds);
  for (const [index, id] of transactionIds.entries()) epochsOf.set(id, epochs[index]!);
  if (broken-- > 0) throw new RpcError('UNAVAILABLE', 'not now');
  return { decisions: transactionIds.map((id) => decisions.get(id) ?? 'UNKNOWN') };
}
const other = () => Promise.reject(new RpcError('UNIMPLEMENTED', 'not here'));

let ledger: Ledger;
let server: RpcServer;
let coordinator: Client<CoordinatorServiceHandlers>;
let replica: Replica;

beforeAll(async () => {
  ledger = await openLedger();
  const service = implement(CoordinatorService, {
    getDecisions,
    getTransaction: other,
    listTransactions: other,
    runTransaction: other,
    async *runTransactions() {},
    retryTransaction: other,
    skipBranch: other,
    abortTransaction: other,
    resolveTransaction: other,
  });
  server = await serve({ host: '127.0.0.1', port: 0, services: [service], log });
  coordinator = connect(CoordinatorService, { target: `127.0.0.1:${server.port}` });
  replica = ledger.replica();
});
afterEach(() => {
  decisions.clear();
  asked = [];
  broken = 0;
});
afterAll(async () => {
  coordinator.close();
  server.close();
  await ledger.close();
});

async function prepareWith(decision: Decision) {
  const { transactionId, call } = newBranch();
  decisions.set(transactionId, decision);
  await replica.execute(call('PREPARE'));
  return { transactionId, call, gid: `assent_${transactionId}_0_1` };
}

async function prepareForeign(database: Database, gid: string): Promise<void> {
  await database.connection(async (sql) => {
    await sql.query('BEGIN');
    await sql.query(`PREPARE TRANSACTION '${gid.replaceAll("'", "''")}'`);
  });
}

function reconciling(options: { inDoubtAfter_ms?: number; reconcileEvery_ms?: number } = {}) {
  return ledger.replica({ coordinator, reconcileEvery_ms: 30, inDoubtAfter_ms: 0, ...options }).participant;
}

test('[U1] [U2] what is in doubt is ended as it was decided; foreign and undecided ones are left alone', async () => {
  const committed = await prepareWith('COMMIT');
  const aborted = await prepareWith('ABORT');
  const unknown = await prepareWith('UNKNOWN');
  const undecided = await prepareWith('UNDECIDED');
  const { transactionId } = aborted;
  const foreign = [
    'somebody_else',
    'assent_else',
    `assent_${transactionId}_0`,
    `assent_${transactionId}_0_1_2`,
    `assent_${transactionId.toUpperCase()}_0_1`,
    `assent_${transactionId}_0_1'; DROP TABLE barrier; --`,
    `assent_${transactionId}_00_1`,
  ];
  for (const gid of foreign) await prepareForeign(ledger.database, gid);
  // Another database on the same server has a branch of the same transaction.
  const neighbour = await openLedger();
  await prepareForeign(neighbour.database, `assent_${transactionId}_7_1`);
  // Another replica does the same at the same time.
  const participants = [reconciling(), reconciling()];
  await Promise.all(participants.map((participant) => participant.start()));

  const left = [...foreign, undecided.gid].sort();
  await eventually(async () => expect((await ledger.prepared()).sort()).toEqual(left));
  await eventually(async () => expect(await ledger.barrier(unknown.transactionId)).toEqual(['1 blocked', '2 done']));
  expect(await ledger.effects(committed.transactionId)).toEqual(['PREPARE 1']);
  expect(await ledger.effects(aborted.transactionId)).toEqual([]);
  expect((await replica.execute(unknown.call('PREPARE')))[0]?.rejected?.code).toBe('ABORTED');

  decisions.set(undecided.transactionId, 'COMMIT');
  await eventually(async () => expect(await ledger.effects(undecided.transactionId)).toEqual(['PREPARE 1']));
  await Promise.all(participants.map((participant) => participant.stop()));
  expect((await ledger.prepared()).sort()).toEqual(foreign.sort());
  expect(await neighbour.prepared()).toHaveLength(1);
  await neighbour.close();
  for (const gid of foreign) await ledger.database.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
  expect(new Set(asked.flat())).toEqual(
    new Set([committed, aborted, unknown, undecided].map(({ transactionId }) => transactionId)),
  );
});

test('[U1] a participant that starts looks at once', async () => {
  const { transactionId } = await prepareWith('COMMIT');
  const participant = reconciling({ reconcileEvery_ms: 3_600_000 });
  await participant.start();
  await eventually(async () => expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']));
  await participant.stop();
});

test('a coordinator that does not answer is asked again', async () => {
  const { transactionId } = await prepareWith('COMMIT');
  broken = 2;
  const participant = reconciling();
  await participant.start();
  await eventually(async () => expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']));
  await participant.stop();
});

test('what is young is left to its coordinator', async () => {
  const { gid, call } = await prepareWith('COMMIT');
  const participant = reconciling({ inDoubtAfter_ms: 60_000 });
  await participant.start();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await participant.stop();
  expect(asked).toEqual([]);
  expect(await ledger.prepared()).toContain(gid);
  await replica.execute(call('ROLLBACK'));
});

test('[U2] the coordinator is told which epoch has prepared it', async () => {
  const { call, transactionId } = newBranch();
  await replica.execute(call('PREPARE', { epoch: '18446744073709551615' }));
  const participant = reconciling();
  await participant.start();
  await eventually(async () => expect(await ledger.prepared()).not.toContain(transactionId));
  await eventually(() => expect(epochsOf.get(transactionId)).toBe('18446744073709551615'));
  await participant.stop();
});

test('[U2] what is just being prepared waits for its decision, however often it is looked at', async () => {
  const participant = reconciling();
  await participant.start();
  for (let number = 0; number < 5; number++) {
    const { transactionId, call } = await prepareWith('UNDECIDED');
    await eventually(() => expect(asked.flat().filter((id) => id === transactionId).length).toBeGreaterThan(2));
    expect(await replica.execute(call('COMMIT'))).toEqual([{ done: { result: '' } }]);
    expect(await ledger.effects(transactionId)).toEqual(['PREPARE 1']);
  }
  await participant.stop();
});

test.each(['COMMIT', 'ABORT'] as const)('an answer that is lost to what ends it (%s) changes nothing', async (word) => {
  const { transactionId, gid } = await prepareWith(word);
  const wire = await openWire(ledger.url);
  wire.loseAnswerTo(word === 'COMMIT' ? 'COMMIT PREPARED' : 'ROLLBACK PREPARED');
  const { participant } = ledger.replica({ url: wire.url, coordinator, reconcileEvery_ms: 30, inDoubtAfter_ms: 0 });
  await participant.start();
  await eventually(async () => expect(await ledger.prepared()).not.toContain(gid));
  const again = await prepareWith(word);
  await eventually(async () => expect(await ledger.prepared()).not.toContain(again.gid));
  expect(await ledger.effects(transactionId)).toEqual(word === 'COMMIT' ? ['PREPARE 1'] : []);
  await participant.stop();
  wire.close();
});

test.each(['COMMIT', 'UNKNOWN'] as const)('what is prepared though its answer was lost is ended (%s)', async (word) => {
  const wire = await openWire(ledger.url);
  const overWire = ledger.replica({ url: wire.url, coordinator, reconcileEvery_ms: 30, inDoubtAfter_ms: 0 });
  const { transactionId, call } = newBranch();
  wire.loseAnswerTo('PREPARE TRANSACTION');
  expect(await overWire.execute(call('PREPARE'))).toEqual([{ failed: expect.anything() }]);
  expect(await ledger.prepared()).toEqual([`assent_${transactionId}_0_1`]);
  decisions.set(transactionId, word);
  await overWire.participant.start();
  await eventually(async () => expect(await ledger.prepared()).toEqual([]));
  expect(await ledger.effects(transactionId)).toEqual(word === 'COMMIT' ? ['PREPARE 1'] : []);
  await overWire.participant.stop();
  wire.close();
});

test('one that can not be ended keeps no other from it, and is tried and told of more and more rarely', async () => {
  const stubborn = await prepareWith('COMMIT');
  const others = await Promise.all(Array.from({ length: 20 }, () => prepareWith('COMMIT')));
  let tries = 0;
  const ended: string[] = [];
  const prepared: Pick<Prepared, 'commit' | 'rollback'> = {
    async commit({ transactionId }) {
      if (transactionId !== stubborn.transactionId) ended.push(transactionId);
      else if (++tries > 0) throw new Error('not this one');
      return { type: 'done', result: '' };
    },
    rollback: () => Promise.reject(new Error('not asked for')),
  };
  const options = { database: ledger.database, prepared, coordinator, log, every_ms: 60_000, inDoubtAfter_ms: 0 };
  const troubles = new Map();
  await reconcileOnce(options, troubles);
  expect(ended.sort()).toEqual(others.map(({ transactionId }) => transactionId).sort());
  await reconcileOnce(options, troubles);
  expect(tries).toBe(1);
  expect([...troubles.values()]).toEqual([{ failures: 1, again_ms: expect.any(Number) }]);
  await Promise.all([stubborn, ...others].map(({ call }) => replica.execute(call('ROLLBACK'))));
  await reconcileOnce(options, troubles);
  expect(troubles.size).toBe(0);
});

test('what is in doubt is counted, and how old the oldest is', async () => {
  expect(await replica.participant.inDoubt()).toEqual([{ count: 0, oldest_ms: 0 }]);
  const branches = [await prepareWith('COMMIT'), await prepareWith('COMMIT')];
  const [one] = await replica.participant.inDoubt();
  expect(one?.count).toBe(2);
  expect(one?.oldest_ms).toBeGreaterThan(0);
  for (const { call } of branches) await replica.execute(call('ROLLBACK'));
});
