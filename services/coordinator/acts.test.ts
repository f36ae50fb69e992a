// Operators' acts and what they are shown, with coordinators over a real log and a participant that does what the test says.
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newTransactionId } from './shard.ts';
import { createWorld, type Participant, type World } from './testing/world.ts';

const patience_ms = 20_000;
let world: World;
let shop: Participant;
/** What the participant can't do: those branches fail with the code. */
let broken: Readonly<Record<string, string>> = {};
const names = ['a', 'b'];

beforeAll(async () => {
  world = await createWorld(['shop']);
  shop = world.participant('shop');
});
beforeEach(() => {
  broken = {};
  shop.reply = ({ operation, branch }) => {
    const code = broken[`${operation} ${names[branch]}`];
    return code ? { failed: { code, message: 'not here' } } : { done: {} };
  };
});
afterEach(() => world.reset());
afterAll(() => world.close());

const start = async () => (await world.start({ lease_ms: 60_000 })).client;

const quick = { firstBackoff: { nanos: 1_000_000 }, maxBackoff: { nanos: 1_000_000 }, maxAttempts: 2 };
const slow = { firstBackoff: { seconds: 60 }, maxBackoff: { seconds: 60 } };
const branch = (name: string, rest: BranchInput = {}): BranchInput => ({
  name,
  participant: 'shop',
  action: 'do',
  kind: 'RESERVED',
  secondPhaseRetry: quick,
  ...rest,
});

let keys = 0;
/** Runs a transaction of the branches a and b until it is decided. Its id. */
async function run(client: Client<CoordinatorServiceHandlers>, ...branches: BranchInput[]): Promise<string> {
  const request = { idempotencyKey: `key-${++keys}`, waitFor: 'DECIDED' as const, branches };
  return (await client.runTransaction(request)).transactionId;
}

async function show(client: Client<CoordinatorServiceHandlers>, transactionId: string) {
  const { transaction } = await client.getTransaction({ transactionId }, as('alice'));
  return transaction!;
}

function reaches(client: Client<CoordinatorServiceHandlers>, transactionId: string, state: string) {
  return eventually(async () => {
    const transaction = await show(client, transactionId);
    expect(transaction.state).toBe(state);
    return transaction;
  }, patience_ms);
}

/** A transaction whose CONFIRM of b has no handler. */
async function park(client: Client<CoordinatorServiceHandlers>): Promise<string> {
  broken = { 'CONFIRM b': 'UNIMPLEMENTED' };
  const id = await run(client, branch('a'), branch('b'));
  await reaches(client, id, 'PARKED');
  return id;
}

const as = (operator: string) => ({ metadata: { 'assent-operator': operator } });
const reason = 'ticket 7';

test('[A2] [A3] what is parked is explained, and ends by a retry once what was missing is there', async () => {
  const client = await start();
  const transactionId = await park(client);
  const parked = await show(client, transactionId);
  expect(parked).toMatchObject({ decision: 'COMMIT', ownerAddress: '', endTime: null });
  expect(parked.parkTime).not.toBeNull();
  expect(parked.progress[1]).toMatchObject({
    stage: 'STUCK',
    operation: 'CONFIRM',
    attempts: 2,
    error: { code: 'UNIMPLEMENTED', message: 'not here' },
  });
  const peer = await start();
  const again = await peer.retryTransaction({ transactionId, reason }, as('alice'));
  expect(again.transaction).toMatchObject({ state: 'COMMITTING', acts: [{ act: 'RETRY', operator: 'alice', reason }] });
  await reaches(client, transactionId, 'PARKED');

  broken = {};
  await client.retryTransaction({ transactionId, reason }, as('bob'));
  const ended = await reaches(client, transactionId, 'COMMITTED');
  expect(ended.acts.map(({ operator }) => operator)).toEqual(['alice', 'bob']);
  expect(ended.parkTime).toBeNull();
  const late = await client.retryTransaction({ transactionId, reason }, as('bob'));
  expect(late.transaction?.acts).toHaveLength(2);
});

test('[A3] a stuck branch is skipped, another one only by force', async () => {
  const client = await start();
  const transactionId = await park(client);
  const skip = (name: string, force = false) =>
    client.skipBranch({ transactionId, branch: name, reason, force }, as('alice'));
  await expect(skip('a')).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'ACT_REFUSED',
    message: expect.stringContaining("stuck is 'b'"),
  });
  await expect(skip('c')).rejects.toMatchObject({ violations: [{ field: 'branch', description: expect.any(String) }] });
  const asked = shop.calls.length;
  await skip('b');
  const ended = await reaches(client, transactionId, 'COMMITTED');
  expect(ended.progress.map(({ stage }) => stage)).toEqual(['SETTLED', 'OMITTED']);
  expect(ended.acts).toMatchObject([{ act: 'SKIP', detail: 'b', force: false }]);
  // Only the other branch was asked once more.
  expect(shop.calls.slice(asked).map((call) => names[call.branch])).toEqual(['a']);
  expect((await skip('b')).transaction?.acts).toHaveLength(1);
});

test('what waits for its next attempt is tried at once, and whoever waits for it is answered', async () => {
  const client = await start();
  broken = { 'CONFIRM a': 'UNAVAILABLE' };
  const request = { idempotencyKey: `key-${++keys}`, branches: [branch('a', { secondPhaseRetry: slow })] };
  const running = client.runTransaction(request, { timeout_ms: patience_ms });
  const transactionId = await eventually(async () => {
    const { transactions } = await client.listTransactions({ state: 'COMMITTING' });
    const { progress, transactionId } = await show(client, transactions[0]?.transactionId ?? '');
    expect(progress[0]).toMatchObject({
      stage: 'SENT',
      operation: 'CONFIRM',
      attempts: 2,
      error: { code: 'UNAVAILABLE', message: 'not available now' },
    });
    expect(progress[0]?.sendTime).not.toBeNull();
    return transactionId;
  }, patience_ms);
  broken = {};
  await client.retryTransaction({ transactionId, reason }, as('alice'));
  expect(await running).toMatchObject({ transactionId, state: 'COMMITTED' });
});

describe('abort', () => {
  test('[O3] decides what is not decided, at whichever coordinator', async () => {
    const [owner, other] = [await start(), await start()];
    broken = { 'TRY b': 'UNAVAILABLE' };
    const request = {
      idempotencyKey: `key-${++keys}`,
      timeout: { seconds: 600 },
      branches: [branch('a'), branch('b', { after: ['a'], firstPhaseRetry: slow })],
    };
    // Its caller hears of it when that coordinator does.
    owner.runTransaction(request, { timeout_ms: patience_ms }).catch(() => {});
    const id = await eventually(async () => {
      const { transactions } = await other.listTransactions({ state: 'RUNNING' });
      const [found] = transactions;
      expect(found).toBeDefined();
      // Its own coordinator knows how far it is, and was asked.
      const { progress, ownerAddress } = await show(other, found!.transactionId);
      expect(progress.map(({ stage, attempts }) => `${stage} ${attempts}`)).toEqual(['SETTLED 0', 'SENT 2']);
      expect(ownerAddress).toMatch(/^127\.0\.0\.1:/);
      return found!.transactionId;
    }, patience_ms);
    await expect(other.retryTransaction({ transactionId: id, reason }, as('alice'))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
    await other.abortTransaction({ transactionId: id, reason }, as('alice'));
    const ended = await reaches(other, id, 'ABORTED');
    expect(ended.rejection?.code).toBe('ABORTED_BY_OPERATOR');
    expect((await other.abortTransaction({ transactionId: id, reason }, as('alice'))).transaction?.acts).toHaveLength(
      1,
    );
  });

  test('of one phase asks the participant to give up', async () => {
    const client = await start();
    broken = { 'COMMIT_ONE_PHASE a': 'UNAVAILABLE' };
    const prepared = branch('a', { kind: 'PREPARED', firstPhaseRetry: slow });
    const request = { idempotencyKey: `key-${++keys}`, timeout: { seconds: 600 }, branches: [prepared] };
    const running = client.runTransaction(request, { timeout_ms: patience_ms });
    const transactionId = await eventually(async () => {
      const { transactions } = await client.listTransactions({ state: 'RUNNING' });
      expect(transactions[0]).toBeDefined();
      return transactions[0]!.transactionId;
    }, patience_ms);
    // Now it could commit, but isn't asked to any more.
    broken = {};
    const asked = shop.calls.length;
    await client.abortTransaction({ transactionId, reason }, as('alice'));
    expect(await running).toMatchObject({ state: 'ABORTED', rejection: { code: 'TIMED_OUT' } });
    expect(shop.calls.slice(asked).map(({ operation }) => operation)).toEqual(['ROLLBACK']);
  });

  test('comes too late for what is decided, and for what the log does not have', async () => {
    const client = await start();
    const id = await run(client, branch('a'));
    await reaches(client, id, 'COMMITTED');
    const abort = (transactionId: string) => client.abortTransaction({ transactionId, reason }, as('alice'));
    await expect(abort(id)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('COMMITTED'),
    });
    await expect(abort(newTransactionId(0))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('prepared'),
    });
    await expect(abort(newTransactionId(9))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('resolve', () => {
  test('[A3] ends what is parked as it was decided, and against that only by force', async () => {
    const client = await start();
    const [one, other] = [await park(client), await park(client)];
    const resolve = (transactionId: string, decision: 'COMMIT' | 'ABORT', force = false) =>
      client.resolveTransaction({ transactionId, decision, reason, force }, as('alice'));
    const asked = shop.calls.length;
    await expect(resolve(one, 'ABORT')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('decision is to COMMIT'),
    });
    expect((await resolve(one, 'COMMIT')).transaction).toMatchObject({
      state: 'COMMITTED',
      rejection: null,
      acts: [{ act: 'RESOLVE', detail: 'COMMIT', force: false }],
    });
    expect((await resolve(other, 'ABORT', true)).transaction).toMatchObject({
      state: 'ABORTED',
      rejection: { code: 'HEURISTIC' },
      acts: [{ act: 'RESOLVE', detail: 'ABORT', force: true }],
    });
    expect(shop.calls).toHaveLength(asked);
    expect((await resolve(other, 'ABORT')).transaction?.acts).toHaveLength(1);
    await expect(resolve(other, 'COMMIT', true)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  test('what is still driven is let go, and its callers are told', async () => {
    const client = await start();
    broken = { 'CONFIRM a': 'UNAVAILABLE' };
    const request = { idempotencyKey: `key-${++keys}`, branches: [branch('a', { secondPhaseRetry: slow })] };
    const running = client.runTransaction(request, { timeout_ms: patience_ms });
    const transactionId = await eventually(async () => {
      const { transactions } = await client.listTransactions({ state: 'COMMITTING' });
      expect(transactions[0]).toBeDefined();
      return transactions[0]!.transactionId;
    }, patience_ms);
    const resolve = (force: boolean) =>
      client.resolveTransaction({ transactionId, decision: 'COMMIT', reason, force }, as('alice'));
    await expect(resolve(false)).rejects.toMatchObject({ message: expect.stringContaining('still tried') });
    await resolve(true);
    expect(await running).toMatchObject({ state: 'COMMITTED' });
  });
});

test('[A3] an act says who and why', async () => {
  const client = await start();
  const transactionId = newTransactionId(0);
  await expect(client.retryTransaction({ transactionId, reason })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  for (const bad of ['', 'x'.repeat(1001)]) {
    await expect(client.retryTransaction({ transactionId, reason: bad }, as('alice'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'reason', description: 'must be 1 to 1000 characters' }],
    });
  }
  await expect(client.resolveTransaction({ transactionId, reason }, as('alice'))).rejects.toMatchObject({
    violations: [{ field: 'decision', description: 'must be one of COMMIT, ABORT' }],
  });
});

test('who has acted, and why, is shown to operators only', async () => {
  const client = await start();
  const transactionId = await park(client);
  await client.resolveTransaction({ transactionId, decision: 'COMMIT', reason }, as('alice'));
  expect((await show(client, transactionId)).acts).toMatchObject([{ operator: 'alice', reason }]);
  for (const metadata of [{}, { 'assent-operator': '' }]) {
    const { transaction } = await client.getTransaction({ transactionId }, { metadata });
    expect(transaction).toMatchObject({ state: 'COMMITTED', acts: [] });
  }
});

test('[O5] a record of a newer version is left to newer coordinators', async () => {
  const client = await start();
  const transactionId = await park(client);
  await world.database.query('UPDATE transactions SET version = 99 WHERE transaction_id = $1', [transactionId]);
  await expect(client.retryTransaction({ transactionId, reason }, as('alice'))).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    message: expect.stringContaining('version 99'),
  });
});

test('of a coordinator that does not answer, what the log has is shown', async () => {
  const client = await start();
  const owner = await world.store.register({ name: 'silent', address: '127.0.0.1:1' }, 60_000);
  const transactionId = newTransactionId(0);
  const begin = {
    transactionId,
    idempotencyKey: `key-${++keys}`,
    fingerprint: '',
    branches: [{ name: 'a', participant: 'shop', action: 'do', kind: 'RESERVED' as const, after: [], payload: '' }],
    traceparent: '',
    timeout_ms: 60_000,
    begunAt_ms: performance.now(),
  };
  await world.store.write(owner, { begins: [begin], decisions: [], ends: [] });
  expect(await show(client, transactionId)).toMatchObject({
    state: 'RUNNING',
    ownerAddress: '127.0.0.1:1',
    progress: [{ stage: 'WAITING', operation: 'TRY' }],
  });
});

test('[O1] a coordinator that is fenced does nothing', async () => {
  const client = await start();
  const transactionId = await park(client);
  await world.database.query('UPDATE coordinators SET fenced = true');
  await expect(client.retryTransaction({ transactionId, reason }, as('alice'))).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'LEASE_LOST',
  });
  expect(await show(client, transactionId)).toMatchObject({ state: 'PARKED', acts: [] });
  const peer = await start();
  broken = {};
  await peer.retryTransaction({ transactionId, reason }, as('alice'));
  await reaches(peer, transactionId, 'COMMITTED');
});
