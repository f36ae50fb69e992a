// Measures whether the log costs the same however many transactions have ended in it: two logs on one server, a small one
// and a large one, by turns. Both are filled by the statements that are measured, over the partitions of a week.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Database, migrate, openDatabase } from '@assent/postgres';
import { createDatabaseAndRole, startPostgres } from '@assent/postgres/embedded';
import type { StateRecord } from '@assent/transactions/protocol';
import { v7 } from 'uuid';
import { plan, remembering, vacuum } from './store/explain.ts';
import { type Begin, createStore, type Store } from './store/index.ts';

const help = `Usage: node services/coordinator/scale.ts [options]

Measures begin, decide and end, takeovers, and looking for something to take over, in a log with few ended transactions
and in one with many, and shows the plans.

  --small N    ended transactions in the small log (1000)
  --large N    in the large one (1000000)
  --rounds N   of measuring (200)
  --plans      show the plans
  --help
`;

const day_ms = 86_400_000;
const days = 7;
const fillBatch = 500;
const batch = 16;
const claimed = 100;
const peer = { name: 'scale', address: '127.0.0.1:1' };
const lease_ms = 86_400_000;

interface Log {
  readonly name: string;
  readonly store: Store;
  readonly texts: Set<string>;
  readonly database: Database;
  epoch: bigint;
  readonly times_ms: Map<string, number[]>;
}

const branches = (['COMPENSATABLE', 'RESERVED', 'RESERVED', 'RETRIABLE'] as const).map((kind, index) => ({
  name: `b${index}`,
  participant: 'shop',
  action: 'do',
  kind,
  after: [],
  payload: JSON.stringify({ accountId: 'ann', lines: [{ sku: 'tea', quantity: 2 }] }),
}));

function begins(count: number, msecs = Date.now()): Begin[] {
  return Array.from({ length: count }, () => {
    const transactionId = v7({ msecs });
    const rest = { branches, traceparent: '', timeout_ms: 10_000, begunAt_ms: performance.now() };
    return { transactionId, idempotencyKey: `checkout:${transactionId}`, fingerprint: 'f'.repeat(64), ...rest };
  });
}

function changes(of: readonly Begin[], state: StateRecord['state']) {
  return of.map(({ transactionId }) => ({ transactionId, record: { state, results: { b1: '{"n":1}' }, omitted: [] } }));
}

/** Writes that many transactions from begin to end, as they come while others are under way. */
async function fill({ store, epoch }: Log, count: number): Promise<void> {
  let [running, committing]: Begin[][] = [[], []];
  for (let done = 0; done < count || running!.length + committing!.length > 0; done += fillBatch) {
    const time_ms = Date.now() - (days - Math.ceil((days * done) / count)) * day_ms;
    const next = begins(Math.max(0, Math.min(fillBatch, count - done)), Math.min(time_ms, Date.now()));
    await store.write(epoch, {
      begins: next,
      decisions: changes(running!, 'COMMITTING'),
      ends: changes(committing!, 'COMMITTED'),
    });
    [running, committing] = [next, running!];
    // As a coordinator does, every other second.
    if ((done / fillBatch) % 4 === 0) await store.openOf(epoch, 20_000);
  }
}

async function open(name: string, adminUrl: string, count: number): Promise<Log> {
  const url = await createDatabaseAndRole(adminUrl, { database: name, role: name, password: 'scale' });
  await migrate(url, [{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }]);
  const database = openDatabase({ url, name: 'scale', size: 2, statementTimeout_ms: 600_000, joinsByKey: true });
  const { database: remembered, texts } = remembering(database);
  const store = createStore(remembered);
  for (let day = -days; day <= 0; day++) await store.makePartitions(Date.now() + day * day_ms, day_ms);
  const log = { name, store, texts, database, epoch: await store.register(peer, lease_ms), times_ms: new Map() };
  await fill(log, count);
  await vacuum(database);
  return log;
}

async function measure(log: Log): Promise<void> {
  const { store, epoch } = log;
  const time = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const begun_ms = performance.now();
    const result = await work();
    const times = log.times_ms.get(what) ?? [];
    log.times_ms.set(what, times);
    times.push(performance.now() - begun_ms);
    return result;
  };
  const some = begins(batch);
  await time('begin', () => store.write(epoch, { begins: some, decisions: [], ends: [] }));
  await time('decide', () => store.write(epoch, { begins: [], decisions: changes(some, 'COMMITTING'), ends: [] }));
  await time('end', () => store.write(epoch, { begins: [], decisions: [], ends: changes(some, 'COMMITTED') }));
  await time('look for something to take over', () => store.claim(epoch, claimed));
  await time('compare', () => store.openOf(epoch, 20_000));
}

/** Of what the one that has filled the log leaves: its entries in the index are those of all that have ended, too. */
async function takeOver(log: Log): Promise<number> {
  const left = begins(claimed);
  await log.store.write(log.epoch, { begins: left, decisions: [], ends: [] });
  const heir = await log.store.register(peer, lease_ms);
  await log.store.fence(log.epoch);
  const begun_ms = performance.now();
  const found = await log.store.claim(heir, claimed);
  const took_ms = performance.now() - begun_ms;
  if (found.length !== claimed) throw new Error(`took over ${found.length} of ${claimed}`);
  log.epoch = heir;
  await log.store.write(heir, { begins: [], decisions: changes(left, 'ABORTED'), ends: [] });
  return took_ms;
}

/** What it takes when nothing else is in the way. */
function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 2] ?? Number.NaN;
}

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '1000' },
    large: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '200' },
    plans: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-scale-'));
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory, maxConnections: 20, maxPreparedTransactions: 0, durable: false });
  try {
    const say = (line: string) => process.stdout.write(`${line}\n`);
    const small = await open('small', postgres.adminUrl, Number(values.small));
    say(`small: ${values.small} ended transactions`);
    const large = await open('large', postgres.adminUrl, Number(values.large));
    say(`large: ${values.large} ended transactions`);
    const rounds = Number(values.rounds);
    for (let round = -20; round < rounds; round++) {
      if (round === 0) for (const log of [small, large]) log.times_ms.clear();
      for (const log of round % 2 === 0 ? [small, large] : [large, small]) await measure(log);
    }
    for (let round = 0; round < Math.max(3, rounds / 10); round++) {
      for (const log of [small, large]) {
        const times = log.times_ms.get(`take over ${claimed}`) ?? [];
        log.times_ms.set(`take over ${claimed}`, [...times, await takeOver(log)]);
      }
    }
    say(`${'lower quartile, ms'.padEnd(34)}${'small'.padStart(8)}${'large'.padStart(8)}${'ratio'.padStart(8)}`);
    for (const [what, times] of small.times_ms) {
      const [one, other] = [lowerQuartile(times), lowerQuartile(large.times_ms.get(what) ?? [])];
      const figures = [one, other, other / one].map((value) => value.toFixed(2).padStart(8)).join('');
      say(what.padEnd(34) + figures);
    }
    if (values.plans) {
      for (const text of large.texts) {
        if (!/transactions/.test(text) || !/WITH owner|owner =/.test(text)) continue;
        say(`\n${text.trim()}\n`);
        for (const line of await plan(large.database, text)) say(`    ${line}`);
      }
    }
    for (const { database } of [small, large]) await database.close();
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
