import { createLogger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Election, stand } from './election.ts';
import { leaseApi } from './kubernetes.ts';
import { startLeaseServer } from './testing/lease-server.ts';
import { listen } from './testing/listen.ts';

const name = { namespace: 'shop', name: 'order' };
/** One lease is as short as it can be; a deadline is many renewals long. */
const pace = { lease_ms: 1_000, renew_ms: 700, retry_ms: 50 };
const patience_ms = 15_000;
const log = createLogger({ service: 'test', level: 'silent' });

let server: Awaited<ReturnType<typeof startLeaseServer>>;
const elections: Election[] = [];
beforeEach(async () => {
  server = await startLeaseServer();
});
afterEach(async () => {
  for (const election of elections.splice(0)) election.resign();
  await server.close();
});

function candidate(candidate: string, others: Partial<Parameters<typeof stand>[0]> = {}): Election {
  const election = stand({ connect: () => leaseApi(name), candidate, log, pace, ...others });
  elections.push(election);
  return election;
}

const never = new AbortController().signal;
const isHolder = (election: Election, is = true) => eventually(() => expect(election.isHolder()).toBe(is), patience_ms);

describe('of the candidates for a Lease', () => {
  test('one holds it, and goes on to', async () => {
    const all = ['a', 'b', 'c'].map((one) => candidate(one));
    await eventually(() => expect(all.some((one) => one.isHolder())).toBe(true), patience_ms);
    const first = all.findIndex((one) => one.isHolder());
    const renewed = server.spec().renewTime;
    await eventually(() => expect(server.asked.length).toBeGreaterThan(60), patience_ms);
    expect(server.spec()).toMatchObject({ holderIdentity: 'abc'[first], leaseTransitions: 1, leaseDurationSeconds: 1 });
    expect(server.spec().renewTime).not.toBe(renewed);
    expect(all.filter((one) => one.isHolder())).toEqual([all[first]]);
  });

  test('the next one takes it at once when it is given up, and knows its tenure', async () => {
    const first = candidate('a', { pace: { ...pace, lease_ms: 3_600_000 } });
    const tenure = await first.tenure(never);
    const second = candidate('b');
    const left = new AbortController();
    const waiting = second.tenure(left.signal);
    left.abort();
    expect(await waiting).toBeUndefined();
    first.resign();
    expect([tenure?.over.aborted, tenure?.isOver(), first.isHolder()]).toEqual([true, true, false]);
    await first.release();
    expect(await second.tenure(never)).toBeDefined();
    expect(server.spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 });
  });

  test('a new process of the same name goes on with what it held', async () => {
    candidate('a', { pace: { ...pace, lease_ms: 3_600_000 } }).resign();
    server.change((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'a', leaseTransitions: 7 } }));
    await isHolder(candidate('a'));
    expect(server.spec().leaseTransitions).toBe(7);
  });

  test('one that finds another in its place gives up', async () => {
    const first = candidate('a');
    const tenure = await first.tenure(never);
    server.change((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'b' } }));
    await eventually(() => expect(tenure?.over.aborted).toBe(true), patience_ms);
    // And comes back when that one shows no sign of life.
    await isHolder(first);
  });
});

describe('while the API server', () => {
  test.each([
    ['does not answer', 'IGNORE'],
    ['fails', { code: 500, message: 'no time' }],
  ] as const)('%s, a holder gives up in time, and says why once', async (_, manner) => {
    const { lines, logger } = listen();
    const election = candidate('a', { log: logger });
    const tenure = await election.tenure(never);
    const since_ms = performance.now();
    server.behave(manner);
    await eventually(() => expect(tenure?.over.aborted).toBe(true), patience_ms);
    expect(performance.now() - since_ms).toBeGreaterThan(pace.renew_ms / 4);
    expect(election.isHolder()).toBe(false);
    server.behave('ANSWER');
    await isHolder(election);
    const warnings = lines().filter((line) => line.startsWith("the Lease can't be looked after"));
    expect(warnings.length).toBeGreaterThan(0);
    expect(new Set(warnings).size).toBe(warnings.length);
  });

  test.each([
    [403, 'leases.coordination.k8s.io "order" is forbidden', 'a Role must allow the verbs get and update'],
    [404, 'leases.coordination.k8s.io "order" not found', 'the chart makes one for each service'],
    [401, 'Unauthorized', 'the token of the service account is not taken'],
  ])('says %i, a candidate says what to do', async (code, message, hint) => {
    const { lines, logger } = listen();
    server.behave({ code, message });
    const election = candidate('a', { log: logger });
    await eventually(() => expect(lines().length).toBe(1), patience_ms);
    expect(lines()[0]).toContain(`get the Lease shop/order at http://127.0.0.1:`);
    expect(lines()[0]).toContain(`HTTP ${code}: ${message}; `);
    expect(lines()[0]).toContain(hint);
    server.behave('ANSWER');
    await isHolder(election);
    server.behave({ code, message });
    election.resign();
    await election.release();
    expect(lines().at(-1)).toContain('the Lease could not be given up');
  });
});
