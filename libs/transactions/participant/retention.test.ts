import { dropPartitionsBefore, ensurePartitions, listPartitions, uuidAt } from '@assent/postgres';
import type { ListTransactionsRequestInput } from '@assent/protos/coordinator/v1/ListTransactionsRequest.ts';
import { createLogger } from '@assent/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Operation } from '../protocol/index.ts';
import { createRetention, type Retention, type RetentionOptions } from './retention.ts';
import { type Ledger, newBranch, openLedger, type Replica } from './testing/ledger.ts';

const day_ms = 86_400_000;
const retention_ms = 8 * day_ms;
const log = createLogger({ service: 'test', level: 'silent' });
// To these tests it is about noon, since days may change while they run.
const today_ms = Math.floor(Date.now() / day_ms) * day_ms;
const noon_ms = today_ms + day_ms / 2;
const now = async () => noon_ms + performance.now();

let ledger: Ledger;
let replica: Replica;
beforeAll(async () => {
  ledger = await openLedger();
  replica = ledger.replica();
});
afterAll(() => ledger.close());
beforeEach(async () => {
  // What a service would have that has run for 12 days.
  await ensurePartitions(ledger.database, { table, period_ms: day_ms, now_ms: noon_ms - 12 * day_ms, ahead: 12 });
});
afterEach(async () => {
  for (const gid of await ledger.prepared()) await ledger.database.query(`ROLLBACK PREPARED '${gid}'`);
  await dropPartitionsBefore(ledger.database, { table, before_ms: today_ms + 9 * day_ms });
});

/** Makes what is closed a day older. */
async function aDayLater(): Promise<void> {
  for (const { name, closed_ms } of await listPartitions(ledger.database, table)) {
    const since = new Date((closed_ms ?? 0) - day_ms).toISOString();
    if (closed_ms !== undefined) await ledger.database.query(`COMMENT ON TABLE ${name} IS 'closed ${since}'`);
  }
}

/** Closes what is old, and drops it a day later. */
async function rounds(retention: Retention): Promise<void> {
  await retention.round();
  await aDayLater();
  await retention.round();
}

const table = 'barrier';
const ages = async () =>
  (await listPartitions(ledger.database, table)).map(({ from_ms }) => (today_ms - from_ms) / day_ms);
/** An id of a transaction that began so many days ago, at noon. */
const idOf = (age: number, number = 0) => uuidAt(noon_ms - age * day_ms).replace(/000$/, `${number}`.padStart(3, '0'));

/** A coordinator with open transactions of these ages, whose clock may be behind. */
function retentionWith(ages: readonly number[] = [], behind_ms = 0, clock: Pick<RetentionOptions, 'now'> = { now }) {
  const listTransactions = async ({ state, minAge }: ListTransactionsRequestInput) => {
    const before_ms = (await now()) - behind_ms - Number(minAge?.seconds) * 1000;
    const times = ages.map((age) => noon_ms - age * day_ms).filter((ms) => ms < before_ms);
    const newest = times.sort((a, b) => b - a)[0];
    return { transactions: state === 'PARKED' && newest ? [{ transactionId: uuidAt(newest) }] : [], nextPageToken: '' };
  };
  const coordinator = { listTransactions } as unknown as RetentionOptions['coordinator'];
  return createRetention({ database: ledger.database, coordinator, log, barrierRetention_ms: retention_ms, ...clock });
}

describe('[R2] old partitions of the barrier', () => {
  test('go, and new ones are made ahead', async () => {
    await rounds(retentionWith());
    expect(await ages()).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3]);
  });

  test('stay while they hold a transaction that has not ended', async () => {
    await rounds(retentionWith([10, 11]));
    expect((await ages()).filter((age) => age > 8)).toEqual([11, 10]);
  });

  test('stay also if a coordinator with a clock that is behind has not ended its last one', async () => {
    const lastMinute = 10 - 0.5 + 30_000 / day_ms;
    await rounds(retentionWith([lastMinute], 60_000));
    expect((await ages()).filter((age) => age > 8)).toContain(10);
  });

  test('stay while nobody says what has ended', async () => {
    await expect(
      createRetention({
        database: ledger.database,
        coordinator: { listTransactions: () => Promise.reject(new Error('not now')) },
        log,
        barrierRetention_ms: retention_ms,
        now,
      }).round(),
    ).rejects.toThrow('not now');
    expect((await ages()).filter((age) => age > 8)).toEqual([12, 11, 10, 9]);
  });

  test('stay while a branch of their age is prepared', async () => {
    const { call } = newBranch();
    expect(await replica.execute(call('PREPARE', { transactionId: idOf(10) }))).toEqual([{ done: expect.anything() }]);
    await rounds(retentionWith());
    expect((await ages()).filter((age) => age > 8)).toContain(10);
    expect(await replica.execute(call('COMMIT', { transactionId: idOf(10) }))).toEqual([{ done: { result: '' } }]);
    await rounds(retentionWith());
    expect((await ages()).filter((age) => age > 8)).toEqual([]);
  });

  test('do not keep what comes meanwhile waiting for long', async () => {
    await replica.execute(newBranch().call('PREPARE', { transactionId: idOf(10) }));
    const busy = rounds(retentionWith());
    for (let number = 0; number < 20; number++) {
      expect(await replica.execute(newBranch().call('ACTION', { transactionId: idOf(0, number) }))).toEqual([
        { done: expect.anything() },
      ]);
    }
    await busy;
  });
});

test('a clock that is wrong drops nothing', async () => {
  const right = Date.now;
  try {
    Date.now = () => right() + 20 * day_ms;
    await rounds(retentionWith([], 0, {}));
  } finally {
    Date.now = right;
  }
  // To the database it may be the next day meanwhile.
  const left = await ages();
  expect(left).toEqual(expect.arrayContaining([7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3]));
  expect(left.filter((age) => age > 8 || age < -4)).toEqual([]);
});

test('rows without a partition of their own go when they are old', async () => {
  const { call, transactionId } = newBranch();
  await replica.execute(call('ACTION'), newBranch().call('ACTION'));
  await ledger.database.query('UPDATE barrier_default SET created_at = $2 WHERE transaction_id = $1', [
    transactionId,
    new Date(noon_ms - 10 * day_ms),
  ]);
  const count = async () => (await ledger.database.query('SELECT FROM barrier_default')).rowCount;
  const before = await count();
  await rounds(retentionWith([20]));
  expect(await count()).toBe(before);
  await rounds(retentionWith());
  expect(await count()).toBe(before - 1);
});

describe('[R2] [R3] a call that comes after its barrier is gone', () => {
  const calls = [
    ['ACTION', 20, true],
    ['COMMIT_ONE_PHASE', 20, true],
    ['DELIVER', 20, true],
    ['COMPENSATE', 20, false],
    ['ROLLBACK', 20, false],
    ['ACTION', 8, false],
    ['DELIVER', 11, false],
    ['ACTION', 0, false],
  ] as const;
  test('is told from others by its age and by what is left', async () => {
    const retention = retentionWith([11]);
    const late = () => calls.map(([operation, age]) => retention.isTooLate({ operation, transactionId: idOf(age) }));
    expect(late()).toEqual(calls.map(() => false));
    await retention.round();
    expect(late()).toEqual(calls.map(([, , expected]) => expected));
  });

  test('is refused by all replicas for a day before', async () => {
    const [one, other] = [retentionWith([11]), retentionWith([11])];
    await one.round();
    // It looks at the database, and drops nothing itself.
    await other.prepare();
    const late = (operation: Operation, age: number) => other.isTooLate({ operation, transactionId: idOf(age) });
    expect(await ages()).toContain(10);
    expect([late('ACTION', 10), late('DELIVER', 10), late('COMPENSATE', 10)]).toEqual([true, true, false]);
    expect([late('DELIVER', 11), late('ACTION', 8)]).toEqual([false, false]);
    await one.round();
    expect(await ages()).toContain(10);
    await aDayLater();
    await other.round();
    expect((await ages()).filter((age) => age > 8)).toEqual([11]);
  });

  test('fails, since nobody can say whether it was done', async () => {
    const other = ledger.replica();
    await other.participant.start();
    const { call } = newBranch();
    expect(await other.execute(call('ACTION', { transactionId: idOf(30) }))).toEqual([
      { failed: { code: 'FAILED_PRECONDITION', message: expect.any(String) } },
    ]);
    expect(await other.execute(call('ACTION'))).toEqual([{ done: expect.anything() }]);
    await other.participant.stop();
  });
});

test('claims find their rows by the key, in the partition that the id tells', async () => {
  const { rows } = await ledger.database.connection(async (sql) => {
    await sql.query(
      'PREPARE look (uuid) AS SELECT outcome FROM barrier WHERE (transaction_id, branch, phase) = ($1, 0, 1)',
    );
    return sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE) EXECUTE look ('${idOf(3)}')`);
  });
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Index');
  expect(plan).not.toContain('Seq Scan');
  expect(plan).toMatch(/Subplans Removed: \d+/);
});
