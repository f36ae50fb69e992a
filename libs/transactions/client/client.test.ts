// The client against coordinators on real sockets that answer as the test tells them to.

import { CoordinatorService } from '@assent/protos';
import type { RunTransactionRequest } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionsResponseInput } from '@assent/protos/coordinator/v1/RunTransactionsResponse.ts';
import { connect, implement, RpcError, serve, toMessage } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { afterEach, expect, test } from '@jest/globals';
import { createTransactionClient } from './client.ts';

type Answer = (requests: RunTransactionRequest[], call: number) => AsyncIterable<RunTransactionsResponseInput>;

const log = createLogger({ service: 'test', level: 'silent' });
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function clientOf(answer: Answer) {
  const never = async () => Promise.reject(new Error('not asked for'));
  let calls = 0;
  const service = implement(CoordinatorService, {
    runTransaction: never,
    getTransaction: never,
    listTransactions: never,
    getDecisions: never,
    retryTransaction: never,
    skipBranch: never,
    abortTransaction: never,
    resolveTransaction: never,
    runTransactions: ({ runs }) =>
      answer(
        runs.map(({ request }) => request as RunTransactionRequest),
        ++calls,
      ),
  });
  const server = await serve({ host: '127.0.0.1', port: 0, services: [service], log });
  const coordinator = connect(CoordinatorService, { target: `127.0.0.1:${server.port}` });
  closing.push(
    () => server.close(),
    () => coordinator.close(),
  );
  return createTransactionClient(coordinator, 5_000);
}

const committed = (transactionId: string) => ({ response: { transactionId, state: 'COMMITTED' as const } });
const timeout_ms = 3_000;

test('every run of a batch gets its own outcome, in whatever order they come', async () => {
  const { runTransaction } = await clientOf(async function* (requests) {
    yield { outcomes: [] };
    for (const index of [...requests.keys()].reverse()) {
      const key = requests[index]?.idempotencyKey ?? '';
      const error = toMessage(new RpcError('ALREADY_EXISTS', 'used', { reason: 'IDEMPOTENCY_KEY_REUSED' }));
      yield { outcomes: [{ index, ...(key === '3' ? { error } : committed(key)) }] };
    }
  });
  const runs = await Promise.allSettled(
    ['1', '2', '3', '4'].map((idempotencyKey) => runTransaction({ idempotencyKey }, { timeout_ms })),
  );
  expect(runs.map((run) => (run.status === 'fulfilled' ? run.value.transactionId : run.reason.reason))).toEqual([
    '1',
    '2',
    'IDEMPOTENCY_KEY_REUSED',
    '4',
  ]);
});

test('runs without an outcome are run again; those with one are not', async () => {
  const asked: string[][] = [];
  const { runTransaction } = await clientOf(async function* (requests, call) {
    asked.push(requests.map(({ idempotencyKey }) => idempotencyKey));
    yield { outcomes: [] };
    yield { outcomes: [{ index: 0, ...committed(requests[0]?.idempotencyKey ?? '') }] };
    if (call === 1) throw new RpcError('UNAVAILABLE', 'dying');
  });
  const both = await Promise.all(
    ['1', '2'].map((idempotencyKey) => runTransaction({ idempotencyKey }, { timeout_ms })),
  );
  expect(both.map(({ transactionId }) => transactionId)).toEqual(['1', '2']);
  expect(asked).toEqual([['1', '2'], ['2']]);
});

test('a coordinator that hands over is asked again', async () => {
  const { runTransaction } = await clientOf(async function* (_, call) {
    const error = toMessage(new RpcError('UNAVAILABLE', 'moved', { retryDelay_ms: 10 }));
    yield { outcomes: [{ index: 0, ...(call < 3 ? { error } : committed('1')) }] };
  });
  expect((await runTransaction({ idempotencyKey: '1' }, { timeout_ms })).transactionId).toBe('1');
});

test('the deadline and the cancellation of the caller end the wait', async () => {
  const { runTransaction } = await clientOf(async function* () {
    yield { outcomes: [] };
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  });
  await expect(runTransaction({ idempotencyKey: '1' }, { timeout_ms: 100 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  const caller = new AbortController();
  const parent = { signal: caller.signal, deadline_ms: Infinity, metadata: undefined as never };
  const run = runTransaction({ idempotencyKey: '2' }, { timeout_ms, parent });
  caller.abort(new RpcError('CANCELLED', 'gone'));
  await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(runTransaction({ idempotencyKey: '3' }, { timeout_ms: 60_000, parent })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
