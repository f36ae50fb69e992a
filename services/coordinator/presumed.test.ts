// Transactions that go without a begin, and those that are decided by their participant.
import { eventually } from '@assent/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorld, type Participant, request, type World } from './testing/world.ts';

let world: World;
let shop: Participant;
beforeAll(async () => {
  world = await createWorld(['shop']);
  shop = world.participant('shop');
});
afterEach(() => world.reset());
afterAll(() => world.close());

const operations = () => shop.calls.map(({ operation }) => operation);

describe('prepared branches only', () => {
  test('nothing is in the log until the decision, which brings the transaction and its key', async () => {
    const { client, coordinator } = await world.start();
    const gate = Promise.withResolvers<{ done: object }>();
    shop.reply = ({ operation, branch }) => (operation === 'PREPARE' && branch === 1 ? gate.promise : { done: {} });
    const asked = request('shop', ['PREPARED', 'PREPARED'], { timeout: { seconds: 60 } });
    const run = client.runTransaction(asked);
    await eventually(() => expect(shop.calls.length).toBe(2), 20_000);
    const transactionId = shop.calls[0]?.transactionId as string;
    await expect(client.getTransaction({ transactionId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const epochs = [String(coordinator.incarnation()?.epoch)];
    const decisions = async () => (await client.getDecisions({ transactionIds: [transactionId], epochs })).decisions;
    expect(await decisions()).toEqual(['UNDECIDED']);
    // Whoever comes with the same key meanwhile waits for the same one.
    const same = client.runTransaction(asked);
    await expect(client.runTransaction({ ...asked, fingerprint: 'x' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    gate.resolve({ done: {} });
    expect((await run).state).toBe('COMMITTED');
    expect((await same).transactionId).toBe((await run).transactionId);
    expect(await decisions()).toEqual(['COMMIT']);
    expect((await client.runTransaction(asked)).transactionId).toBe((await run).transactionId);
  });

  test('of two with one key at two coordinators one commits, the other is undone, and both callers get the one', async () => {
    const [one, two] = [await world.start(), await world.start()];
    const asked = request('shop', ['PREPARED', 'PREPARED']);
    const answers = await Promise.all([one, two].map(({ client }) => client.runTransaction(asked)));
    expect(answers.map(({ state }) => state)).toEqual(['COMMITTED', 'COMMITTED']);
    expect(new Set(answers.map(({ transactionId }) => transactionId)).size).toBe(1);
    const committed = answers[0]?.transactionId;
    await eventually(() => {
      const others = shop.calls.filter(({ transactionId }) => transactionId !== committed);
      const seconds = others.map(({ operation }) => operation).filter((operation) => operation !== 'PREPARE');
      expect(seconds.every((operation) => operation === 'ROLLBACK')).toBe(true);
      expect(seconds).toHaveLength(others.length / 2);
    });
    expect((await one.client.listTransactions({})).transactions.filter(({ state }) => state === 'ABORTING')).toEqual(
      [],
    );
  });

  test('one that is rejected is in the log as aborted', async () => {
    const { client } = await world.start();
    shop.reply = ({ branch, operation }) =>
      branch === 0 && operation === 'PREPARE' ? { rejected: { code: 'NO', message: 'no' } } : { done: {} };
    const { transactionId, state, rejection } = await client.runTransaction(request('shop', ['PREPARED', 'PREPARED']));
    expect([state, rejection?.code]).toEqual(['ABORTED', 'NO']);
    await eventually(async () => {
      const { transaction } = await client.getTransaction({ transactionId });
      expect([transaction?.state, transaction?.decision]).toEqual(['ABORTED', 'ABORT']);
    });
  });

  test('undecided when its coordinator is fenced, it never was: participants abort', async () => {
    const { coordinator, client } = await world.start({ lease_ms: 60_000 });
    shop.reply = ({ operation }) => (operation === 'PREPARE' ? undefined : { done: {} });
    const run = client.runTransaction(request('shop', ['PREPARED', 'PREPARED'], { timeout: { seconds: 60 } }));
    const refused = expect(run).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await eventually(() => expect(shop.calls.length).toBeGreaterThan(1), 20_000);
    const { transactionId = '', epoch = '' } = shop.calls[0] ?? {};
    await coordinator.stop();
    const { client: other } = await world.start();
    const { decisions } = await other.getDecisions({ transactionIds: [transactionId], epochs: [epoch] });
    expect(decisions).toEqual(['UNKNOWN']);
    await refused;
  });
});

describe('a single prepared branch', () => {
  test('commits in one phase', async () => {
    const { client } = await world.start();
    const { transactionId, state } = await client.runTransaction(request('shop', ['PREPARED']));
    expect(state).toBe('COMMITTED');
    expect(operations()).toEqual(['COMMIT_ONE_PHASE']);
    await eventually(async () => {
      expect((await client.getTransaction({ transactionId })).transaction?.state).toBe('COMMITTED');
    });
  });

  test('that is rejected says why, also in the log', async () => {
    shop.reply = () => ({ rejected: { code: 'NO', message: 'not today' } });
    const { client } = await world.start();
    const { transactionId, rejection } = await client.runTransaction(request('shop', ['PREPARED']));
    expect(rejection).toEqual({ code: 'NO', message: 'not today' });
    await eventually(async () => {
      const { transaction } = await client.getTransaction({ transactionId });
      expect(transaction).toMatchObject({ state: 'ABORTED', rejection: { code: 'NO', message: 'not today' } });
      expect(transaction?.decideTime).not.toBeNull();
    });
  });

  test('past its deadline asks its participant to give up, and believes it when it has committed', async () => {
    shop.reply = ({ operation }) => {
      if (operation === 'COMMIT_ONE_PHASE') return { failed: { code: '57P01', message: 'shut down' } };
      return { rejected: { code: 'COMMITTED', message: 'it is committed' } };
    };
    const { client } = await world.start();
    const asked = request('shop', ['PREPARED'], { timeout: { nanos: 200_000_000 } });
    expect((await client.runTransaction(asked)).state).toBe('COMMITTED');
    expect(operations().at(-1)).toBe('ROLLBACK');
  });
});
