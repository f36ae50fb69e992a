import { type Database, reignMigrations } from '@assent/postgres';
import { createLogger } from '@assent/telemetry';
import { serveMetrics } from '@assent/telemetry/scrape';
import { eventually, openTestDatabase } from '@assent/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Election, Tenure } from './election.ts';
import { createSingleton, electedBy, everywhere } from './singleton.ts';
import { startLeaseServer } from './testing/lease-server.ts';
import { listen } from './testing/listen.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const patience_ms = 15_000;
let database: Database;
let server: Awaited<ReturnType<typeof startLeaseServer>>;
beforeAll(async () => {
  database = await openTestDatabase([reignMigrations]);
});
afterAll(() => database.close());
beforeEach(async () => {
  server = await startLeaseServer();
  await database.query('TRUNCATE reigns');
});
afterEach(() => server.close());

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
const never = new AbortController().signal;

/** Somebody who is always elected. */
function always(): Election {
  const tenure: Tenure = { over: never, isOver: () => false };
  return { tenure: async (signal) => (signal.aborted ? undefined : tenure) } as Election;
}

test('without elections everybody does the work, on the database as it is', async () => {
  const given: unknown[] = [];
  await everywhere('work', database, async (...all) => void given.push(...all), never);
  expect(given).toEqual([database, never]);
});

test('by a Lease one of them does it, and at its end another at once', async () => {
  const turns: string[] = [];
  const [a, b] = ['a', 'b'].map((name) => electedBy({ namespace: 'shop', name: 'order' }, name, log));
  const work = (name: string) => async (own: Database, signal: AbortSignal) => {
    await own.query('SELECT 1', []);
    turns.push(name);
    await aborted(signal);
    turns.push(`${name} ends`);
  };
  const first = a!.singleton('work', database, work('a'), never);
  await eventually(() => expect(turns).toEqual(['a']), patience_ms);
  const second = b!.singleton('work', database, work('b'), never);
  expect(await shown()).toEqual(['assent_singleton_leader{lease="shop/order"} 1']);
  await a!.close();
  await first;
  expect(server.spec().holderIdentity).toBeUndefined();
  await eventually(() => expect(turns).toEqual(['a', 'a ends', 'b']), patience_ms);
  await b!.close();
  await second;
  expect(server.spec().leaseTransitions).toBe(2);
});

test('one that is fenced though it is elected begins a reign again, and says so once', async () => {
  const { lines, logger } = listen();
  const stop = new AbortController();
  const singleton = createSingleton({ election: always(), candidate: 'a', log: logger, breath_ms: 10 });
  let reigns = 0;
  const work = async (own: Database, signal: AbortSignal) => {
    // A process that was paused before it knew of its end has begun one meanwhile.
    if (++reigns === 1) await database.query('UPDATE reigns SET number = number + 1', []);
    await own.query('SELECT 1', []).catch(() => {});
    await own.query('SELECT 1', []).catch(() => {});
    if (reigns === 2) stop.abort();
    else expect(signal.aborted).toBe(true);
  };
  await singleton('work', database, work, stop.signal);
  expect(reigns).toBe(2);
  expect(lines()).toEqual(['fenced: another replica has begun this work since']);
});

test('work that can not begin is tried again', async () => {
  const { lines, logger } = listen();
  const stop = new AbortController();
  const singleton = createSingleton({ election: always(), candidate: 'a', log: logger, breath_ms: 10 });
  await database.query('ALTER TABLE reigns RENAME TO gone');
  const done = singleton('work', database, async () => stop.abort(), stop.signal);
  await eventually(() => expect(lines().length).toBeGreaterThan(1), patience_ms);
  await database.query('ALTER TABLE gone RENAME TO reigns');
  await done;
  expect(new Set(lines())).toEqual(new Set(['this work could not be begun, trying again']));
});

async function shown(): Promise<string[]> {
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  const text = await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  metrics.close();
  return text.split('\n').filter((line) => line.startsWith('assent_singleton_leader{'));
}
