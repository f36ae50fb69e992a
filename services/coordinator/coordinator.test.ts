// Coordinators over a real log, with participants that answer on real gRPC sockets as the test tells them to.
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import { fromMessage, type StatusMessage } from '@assent/rpc';
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWorld, type Participant, type Reply, type World } from './testing/world.ts';

const answers = {
  done: ({ branch }: BranchCall): Reply => ({ done: { result: `{"of":${branch}}` } }),
  reject: (): Reply => ({ rejected: { code: 'OUT_OF_STOCK', message: 'none left' } }),
  fail: (): Reply => ({ failed: { code: 'UNAVAILABLE', message: 'later' } }),
  hang: (): Reply => undefined,
};

let world: World;
let shop: Participant;
/** How the participant answers. */
let replies: (call: BranchCall) => keyof typeof answers;

beforeAll(async () => {
  world = await createWorld(['shop']);
  shop = world.participant('shop');
});
beforeEach(() => {
  replies = () => 'done';
  shop.reply = (call) => answers[replies(call)](call);
});
afterEach(() => world.reset());
afterAll(() => world.close());

const start = (lease_ms = 2_000) => world.start({ lease_ms });

let keys = 0;
const freshKey = () => `key-${++keys}`;

function request(kind: 'COMPENSATABLE' | 'RESERVED' | 'PREPARED', rest: RunTransactionRequestInput = {}) {
  const branch = { participant: 'shop', action: 'do', kind, payload: '{"a":1}' };
  return {
    idempotencyKey: freshKey(),
    branches: [
      { ...branch, name: 'a', kind: 'COMPENSATABLE' as const },
      { ...branch, name: 'b', after: ['a'] },
      { ...branch, name: 'c', after: ['a'] },
      { ...branch, name: 'd', kind: 'RETRIABLE' as const, after: ['b', 'c'] },
    ],
    ...rest,
  };
}

const operations = () => shop.calls.map(({ branch, operation }) => `${'abcd'[branch]} ${operation}`);

describe.each([
  ['COMPENSATABLE', [], ['COMPENSATE']],
  ['RESERVED', ['CONFIRM'], ['CANCEL']],
  ['PREPARED', ['COMMIT'], ['ROLLBACK']],
] as const)('a transaction of %s branches', (kind, second, undo) => {
  test('commits', async () => {
    const { client } = await start();
    const { transactionId, state } = await client.runTransaction(request(kind));
    expect(state).toBe('COMMITTED');
    expect(operations()[0]).toBe('a ACTION');
    expect(operations().at(-1)).toBe('d DELIVER');
    for (const operation of second)
      expect(operations()).toEqual(expect.arrayContaining([`b ${operation}`, `c ${operation}`]));
    await eventually(async () => {
      const { transaction } = await client.getTransaction({ transactionId });
      expect(transaction).toMatchObject({ state: 'COMMITTED', rejection: null });
      expect(transaction?.endTime).not.toBeNull();
    });
  });

  test('aborts with the reason, and undoes what may have happened', async () => {
    replies = ({ branch, operation }) => (branch === 1 && operation !== undo[0] ? 'reject' : 'done');
    const { client } = await start();
    const { state, rejection } = await client.runTransaction(request(kind));
    expect(state).toBe('ABORTED');
    expect(rejection).toEqual({ code: 'OUT_OF_STOCK', message: 'none left' });
    expect(operations().slice(-2)).toEqual([`c ${undo[0]}`, 'a COMPENSATE']);
    expect(shop.calls.at(-1)?.cause).toEqual({ code: 'OUT_OF_STOCK', message: 'none left' });
  });
});

test('asks again after a failure, until it is done', async () => {
  replies = ({ attempt }) => (attempt < 3 ? 'fail' : 'done');
  const { client } = await start();
  expect((await client.runTransaction(request('RESERVED'))).state).toBe('COMMITTED');
  expect(
    shop.calls.filter(({ branch, operation }) => branch === 1 && operation === 'TRY').map(({ attempt }) => attempt),
  ).toEqual([1, 2, 3]);
});

test('results reach the branches after', async () => {
  const { client } = await start();
  await client.runTransaction(request('RESERVED'));
  expect(shop.calls.find(({ operation }) => operation === 'DELIVER')?.inputs).toEqual({ b: '{"of":1}', c: '{"of":2}' });
});

test('past its deadline it aborts', async () => {
  replies = ({ branch, operation }) => (branch === 1 && operation === 'TRY' ? 'hang' : 'done');
  const { client } = await start();
  const { state, rejection } = await client.runTransaction(
    request('RESERVED', { timeout: { seconds: 0, nanos: 200_000_000 } }),
  );
  expect(state).toBe('ABORTED');
  expect(rejection?.code).toBe('TIMED_OUT');
});

test('DECIDED answers before the effects, APPLIED after', async () => {
  replies = ({ operation }) => (operation === 'DELIVER' ? 'fail' : 'done');
  const { client } = await start();
  const asked = request('COMPENSATABLE', { waitFor: 'DECIDED' });
  expect((await client.runTransaction(asked)).state).toBe('COMMITTING');
  const applied = client.runTransaction({ ...asked, waitFor: 'APPLIED' });
  replies = () => 'done';
  expect((await applied).state).toBe('COMMITTED');
});

describe('an idempotency key', () => {
  test('is one transaction, also at once and at two coordinators', async () => {
    const [one, two] = [await start(), await start()];
    const asked = request('RESERVED');
    const answers = await Promise.all([one, two, one, two].map(({ client }) => client.runTransaction(asked)));
    expect(new Set(answers.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(answers.map(({ state }) => state)).toEqual(Array(4).fill('COMMITTED'));
    expect(operations().filter((operation) => operation === 'a ACTION')).toHaveLength(1);
    expect((await one.client.runTransaction(asked)).transactionId).toBe(answers[0]?.transactionId);
  });

  test('of another transaction is refused', async () => {
    const { client } = await start();
    const asked = request('RESERVED');
    await client.runTransaction(asked);
    await expect(client.runTransaction({ ...asked, fingerprint: 'another' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });
});

test('a batch says when all have begun, and gives each its own outcome as it comes', async () => {
  const { client } = await start();
  const [good, bad] = [request('RESERVED'), request('RESERVED', { idempotencyKey: '' })];
  const responses = [];
  for await (const response of client.runTransactions({ runs: [{ request: good }, { request: bad }, {}] })) {
    responses.push(response.outcomes);
  }
  expect(responses[0]).toEqual([]);
  const outcomes = responses.flat().sort((one, other) => one.index - other.index);
  expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(outcomes[0]?.response?.state).toBe('COMMITTED');
  expect(fromMessage(outcomes[1]?.error as StatusMessage)).toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [expect.objectContaining({ field: 'idempotencyKey' })],
  });
  expect(fromMessage(outcomes[2]?.error as StatusMessage)).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

describe('ownership', () => {
  test('a coordinator that stops hands its transactions over at once', async () => {
    const [one, two] = [await start(60_000), await start()];
    replies = ({ epoch }) => (epoch === one.coordinator.incarnation()?.epoch.toString() ? 'fail' : 'done');
    const asked = request('RESERVED', { timeout: { seconds: 30 } });
    const first = one.client.runTransaction(asked);
    first.catch(() => {});
    await eventually(() => expect(shop.calls.length).toBeGreaterThan(0));
    const epoch = one.coordinator.incarnation()?.epoch.toString();
    replies = (call) => (call.epoch === epoch ? 'fail' : 'done');
    await one.coordinator.stop();
    await expect(first).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await two.client.runTransaction(asked)).state).toBe('COMMITTED');
  });

  test('a coordinator that was paused past its lease changes nothing when it wakes up', async () => {
    const [one, two] = [await start(60_000), await start()];
    const epoch = one.coordinator.incarnation()?.epoch as bigint;
    // Its first phases hang: it neither commits nor aborts while it "sleeps".
    let release: keyof typeof answers = 'hang';
    replies = (call) => (call.epoch === epoch.toString() ? release : call.operation === 'TRY' ? 'reject' : 'done');
    const asked = request('RESERVED', { timeout: { seconds: 30 } });
    const first = one.client.runTransaction(asked);
    first.catch(() => {});
    await eventually(() => expect(shop.calls.length).toBe(1));
    release = 'done';
    await world.database.query('UPDATE coordinators SET lease_until = now() WHERE epoch = $1', [epoch]);
    const answer = await two.client.runTransaction(asked);
    expect(answer.state).toBe('ABORTED');
    // It has been fenced: a record of its own is not written.
    const record = { state: 'COMMITTED' as const, results: {}, omitted: [] };
    const written = await world.store.write(epoch, {
      begins: [],
      decisions: [{ transactionId: answer.transactionId, record }],
      ends: [{ transactionId: answer.transactionId, record }],
    });
    expect(written).toEqual({ owner: false, transactionIds: new Set() });
    const { transaction } = await two.client.getTransaction({ transactionId: answer.transactionId });
    expect(transaction?.decision).toBe('ABORT');
  });

  test('a fenced coordinator goes on as a new incarnation', async () => {
    const { coordinator, client } = await start();
    const epoch = coordinator.incarnation()?.epoch as bigint;
    await world.store.fence(epoch);
    await eventually(() => {
      const next = coordinator.incarnation()?.epoch;
      expect(next !== undefined && next > epoch).toBe(true);
    });
    expect((await client.runTransaction(request('RESERVED'))).state).toBe('COMMITTED');
  });
});

test('participants in doubt are told what was decided, and to abort what nobody can decide any more', async () => {
  const { client, coordinator } = await start();
  const { transactionId } = await client.runTransaction(request('PREPARED'));
  const unknown = '00000000-0000-7000-8000-000000000000';
  const alive = String(coordinator.incarnation()?.epoch);
  const fenced = await world.store.register({ name: 'gone', address: '127.0.0.1:1' }, 60_000);
  await world.store.fence(fenced);
  const decide = async (...epochs: string[]) => {
    const transactionIds = [transactionId, ...epochs.map(() => unknown), unknown];
    return (await client.getDecisions({ transactionIds, epochs: [alive, ...epochs] })).decisions;
  };
  expect(await decide(alive, String(fenced), '123456789', '18446744073709551615')).toEqual([
    'COMMIT',
    'UNDECIDED',
    'UNKNOWN',
    'UNKNOWN',
    'UNKNOWN',
    // Without an epoch.
    'UNDECIDED',
  ]);
});

test('transactions are listed newest first, by state, in pages', async () => {
  const { client } = await start();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await client.runTransaction(request('RESERVED'))).transactionId);
  const page = await client.listTransactions({ pageSize: 2 });
  expect(page.transactions.map(({ transactionId }) => transactionId)).toEqual(ids.slice(0, 2));
  const next = await client.listTransactions({ pageSize: 1, pageToken: page.nextPageToken });
  expect(next.transactions[0]?.transactionId).toBe(ids[2]);
  expect((await client.listTransactions({ state: 'RUNNING' })).transactions).toEqual([]);
});

describe('bad input is refused, naming the field, and nothing is logged', () => {
  const table: [string, RunTransactionRequestInput, string][] = [
    ['no key', { idempotencyKey: '' }, 'idempotencyKey'],
    ['a key of 10 kB', { idempotencyKey: 'x'.repeat(10_240) }, 'idempotencyKey'],
    ['no branches', { branches: [] }, 'branches'],
    [
      'an unknown participant',
      { branches: [{ name: 'a', participant: 'bank', action: 'x', kind: 'RESERVED' }] },
      'branches[0].participant',
    ],
    ['no kind', { branches: [{ name: 'a', participant: 'shop', action: 'x' }] }, 'branches[0].kind'],
    ['a timeout of a day', { timeout: { seconds: 86_400 } }, 'timeout'],
  ];
  test.each(table)('%s', async (_, rest, field) => {
    const { client } = await start();
    const before = (await client.listTransactions({})).transactions.length;
    await expect(client.runTransaction(request('RESERVED', rest))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: expect.arrayContaining([expect.objectContaining({ field })]),
    });
    expect((await client.listTransactions({})).transactions).toHaveLength(before);
  });
});
