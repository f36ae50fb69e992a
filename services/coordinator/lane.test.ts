// Bulkheads: a participant that is down or hangs costs the others nothing, and its own transactions go on when it is back.
import { eventually } from '@assent/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Engine } from './engine.ts';
import { createWorld, type Running, request, type World } from './testing/world.ts';

const patience_ms = 30_000;
let world: World;
let running: Running;
beforeEach(async () => {
  world = await createWorld(['shop', 'bank']);
  running = await world.start({ maxOpen: 200 });
});
afterEach(() => world.close());

const run = (participant: string, seconds = 60): Promise<{ state: string }> =>
  running.client.runTransaction(request(participant, ['RESERVED'], { timeout: { seconds } }));

const engine = (): Engine | undefined => running.coordinator.incarnation()?.engine;

/** How long so many transactions take at the shop, one after the other. */
async function time(count: number): Promise<number> {
  const begun_ms = performance.now();
  for (let index = 0; index < count; index++) expect((await run('shop')).state).toBe('COMMITTED');
  return performance.now() - begun_ms;
}

describe.each([
  ['hangs', undefined],
  ['has lost its database', { failed: { code: '57P01', message: 'terminated' } }],
])('a participant that %s', (_, reply) => {
  test('does not slow down the others, is asked now and then only, and goes on when it is back', async () => {
    const bank = world.participant('bank');
    const before_ms = await time(30);
    bank.reply = () => reply;
    const waiting = Array.from({ length: 60 }, () => run('bank'));
    await eventually(() => expect(bank.calls.length).toBeGreaterThan(0), patience_ms);
    // Generous: it is about calls that would wait for seconds.
    expect(await time(30)).toBeLessThan(10 * before_ms + 500);

    bank.reply = () => ({ done: {} });
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['COMMITTED']));
  });
});

test('what waits for one participant does not fill up the coordinator', async () => {
  const bank = world.participant('bank');
  bank.reply = () => ({ failed: { code: '57P01', message: 'terminated' } });
  const reasons = new Set<string>();
  const outcomes: Promise<unknown>[] = [];
  const runOne = () => {
    outcomes.push(run('bank').catch(({ reason }) => reasons.add(reason)));
  };
  for (let index = 0; index < 150; index++) runOne();
  await eventually(() => expect(engine()?.size()).toBe(150), patience_ms);
  // Those who are refused come again, as they are told to, before they give up.
  await eventually(async () => {
    if (outcomes.length < 195) runOne();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reasons).toContain('PARTICIPANT_DOWN');
  }, patience_ms);
  expect((await run('shop')).state).toBe('COMMITTED');
  bank.reply = () => ({ done: {} });
  await Promise.all(outcomes);
});

test('calls to one that is down: a few a second, however many wait', async () => {
  const bank = world.participant('bank');
  bank.reply = () => ({ failed: { code: 'UNAVAILABLE', message: 'down' } });
  const waiting = Array.from({ length: 90 }, () => run('bank'));
  const calls = new Set<string>();
  await eventually(() => {
    for (const { transactionId } of bank.calls) calls.add(transactionId);
    expect(calls.size).toBe(90);
  }, patience_ms);
  const [batches, begun_ms] = [bank.batches, performance.now()];
  await time(50);
  const elapsed_s = (performance.now() - begun_ms) / 1000;
  expect(bank.batches - batches).toBeLessThan(10 + 10 * elapsed_s);
  bank.reply = () => ({ done: {} });
  await Promise.all(waiting);
});

test('a first phase that may be tried so often only does not wait for a participant that is down', async () => {
  const bank = world.participant('bank');
  bank.reply = () => ({ failed: { code: 'UNAVAILABLE', message: 'down' } });
  const waiting = Array.from({ length: 10 }, () => run('bank', 2).catch(() => undefined));
  const asked = request('bank', ['RESERVED'], { waitFor: 'DECIDED', timeout: { seconds: 60 } });
  const branches = asked.branches?.map((branch) => ({ ...branch, firstPhaseRetry: { maxAttempts: 4 } })) ?? [];
  const { state, rejection } = await running.client.runTransaction({ ...asked, branches });
  expect([state, rejection?.code]).toEqual(['ABORTING', 'RETRIES_EXHAUSTED']);
  bank.reply = () => ({ done: {} });
  await Promise.all(waiting);
  await eventually(() => expect(engine()?.size()).toBe(0), patience_ms);
});
