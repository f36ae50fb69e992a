import { CoordinatorService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { GetDecisionsResponse } from '@assent/protos/coordinator/v1/GetDecisionsResponse.ts';
import { type Client, connect, implement, RpcError, type RpcServer, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';

type Decision = GetDecisionsResponse['decisions'][number];

const log = createLogger({ service: 'test', level: 'silent' });
const decisions = new Map<string, Decision>();
let asked: string[][] = [];
let broken = 0;

async function getDecisions({ transactionIds }: { transactionIds: string[] }): Promise<{ decisions: Decision[] }> {
  asked.push(transactionIds);
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

function reconciling(options: { inDoubtAfter_ms?: number } = {}) {
  return ledger.replica({ coordinator, reconcileEvery_ms: 30, inDoubtAfter_ms: 0, ...options }).participant;
}

test('what is in doubt is ended as it was decided; foreign and undecided ones are left alone', async () => {
  const committed = await prepareWith('COMMIT');
  const aborted = await prepareWith('ABORT');
  const unknown = await prepareWith('UNKNOWN');
  const undecided = await prepareWith('UNDECIDED');
  const foreign = ['somebody_else', 'assent_else', `assent_${aborted.transactionId}_0`];
  for (const gid of foreign) {
    await ledger.database.connection(async (sql) => {
      await sql.query('BEGIN');
      await sql.query(`PREPARE TRANSACTION '${gid}'`);
    });
  }
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
  expect(new Set(asked.flat())).toEqual(
    new Set([committed, aborted, unknown, undecided].map(({ transactionId }) => transactionId)),
  );
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
