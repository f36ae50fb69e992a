import { eventually } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, request, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld(['shop']);
});
afterAll(() => world.close());

const secondPhaseRetry = { firstBackoff: { nanos: 1_000_000 }, maxBackoff: { nanos: 1_000_000 }, maxAttempts: 3 };

test('an operation that keeps failing for good reasons parks its transaction; who waits is told how far it is', async () => {
  const shop = world.participant('shop');
  const { coordinator, client } = await world.start();
  shop.reply = ({ operation, branch }) => {
    if (operation === 'CONFIRM' && branch === 1) return { failed: { code: '23514', message: 'broken data' } };
    return { done: { readOnly: false } };
  };
  const asked = request('shop', ['RESERVED', 'RESERVED', 'PREPARED']);
  const branches = asked.branches?.map((branch) => ({ ...branch, secondPhaseRetry })) ?? [];
  const answer = await client.runTransaction({ ...asked, branches });
  expect(answer.state).toBe('COMMITTING');
  expect(coordinator.incarnation()?.engine.size()).toBe(0);

  const { transaction } = await client.getTransaction({ transactionId: answer.transactionId });
  expect(transaction).toMatchObject({ state: 'PARKED', decision: 'COMMIT', owner: '0', endTime: null });
  expect(transaction?.parkTime).not.toBeNull();
  expect(transaction?.progress[1]).toMatchObject({
    stage: 'STUCK',
    operation: 'CONFIRM',
    attempts: 3,
    error: { code: '23514', message: 'broken data' },
  });
  expect(await client.runTransaction({ ...asked, branches })).toEqual(answer);
  expect((await client.listTransactions({ state: 'PARKED' })).transactions).toHaveLength(1);
  const { decisions } = await client.getDecisions({ transactionIds: [answer.transactionId], epochs: [] });
  expect(decisions).toEqual(['COMMIT']);
});

test('a parked transaction is taken over by nobody, and what others of its owner need is', async () => {
  const shop = world.participant('shop');
  const one = await world.start({ lease_ms: 60_000 });
  const epoch = String(one.coordinator.incarnation()?.epoch);
  shop.reply = (call) => {
    if (call.operation !== 'CANCEL') return { rejected: { code: 'NO', message: 'no' } };
    return call.epoch === epoch ? { failed: { code: '57P03', message: 'starting' } } : { done: {} };
  };
  const stuck = request('shop', ['RESERVED', 'RESERVED']);
  shop.reply = ({ operation, branch, epoch: from }) => {
    if (operation === 'TRY') return branch === 0 ? { done: {} } : { rejected: { code: 'NO', message: 'no' } };
    return from === epoch ? { failed: { code: '57P03', message: 'starting' } } : { done: {} };
  };
  const waiting = one.client.runTransaction({ ...stuck, waitFor: 'DECIDED' });
  expect((await waiting).state).toBe('ABORTING');
  const two = await world.start();
  const parked = (await two.client.listTransactions({ state: 'PARKED' })).transactions.map(
    ({ transactionId }) => transactionId,
  );
  await one.coordinator.stop();
  await eventually(async () => {
    const { transaction } = await two.client.getTransaction({ transactionId: (await waiting).transactionId });
    expect(transaction?.state).toBe('ABORTED');
  });
  for (const transactionId of parked) {
    expect((await two.client.getTransaction({ transactionId })).transaction?.state).toBe('PARKED');
  }
});

test('a branch that votes read-only has no second phase, also after a takeover', async () => {
  const shop = world.participant('shop');
  const { client } = await world.start();
  shop.calls.length = 0;
  shop.reply = ({ branch }) => ({ done: { readOnly: branch === 0 } });
  const { transactionId, state } = await client.runTransaction(request('shop', ['PREPARED', 'PREPARED', 'RESERVED']));
  expect(state).toBe('COMMITTED');
  const second = shop.calls.filter(({ operation }) => operation === 'COMMIT' || operation === 'CONFIRM');
  expect(second.map(({ branch }) => branch).sort()).toEqual([1, 2]);
  const { transaction } = await client.getTransaction({ transactionId });
  expect(transaction?.progress.map(({ stage }) => stage)[0]).toBe('OMITTED');
});
