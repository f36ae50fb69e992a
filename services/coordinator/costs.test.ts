// What transactions cost in records, flushes and calls, counted on the real thing, beside what PROTOCOL.md says.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, migrate, openDatabase } from '@assent/postgres';
import { createDatabaseAndRole, startPostgres } from '@assent/postgres/embedded';
import { ParticipantService } from '@assent/protos';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import { connect, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { createParticipant, defineAction, type Handler, participantMigrations } from '@assent/transactions/participant';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDispatcher } from './dispatch.ts';
import { createStore } from './store/index.ts';
import { serveCoordinator } from './testing/world.ts';

interface Cost {
  /** Records in the log. */
  readonly records: number;
  /** Statements of the log that somebody waits for, each with a flush. */
  readonly logFlushes: number;
  /** Flushes at participants. */
  readonly flushes: number;
  /** Calls of branches; each has an answer. */
  readonly calls: number;
}

type Kind = NonNullable<BranchInput['kind']>;
type Does = 'write' | 'read' | 'reject';

const chain = (...branches: [Kind, Does?][]): BranchInput[] =>
  branches.map(([kind, does = 'write'], index) => ({
    name: `b${index}`,
    participant: 'ledger',
    action: 'note',
    kind: kind as Exclude<Kind, number>,
    after: index === 0 ? [] : [`b${index - 1}`],
    payload: JSON.stringify(does),
  }));

const transactions: Readonly<Record<string, BranchInput[]>> = {
  '2 COMPENSATABLE, committed': chain(['COMPENSATABLE'], ['COMPENSATABLE']),
  '2 COMPENSATABLE, aborted': chain(['COMPENSATABLE'], ['COMPENSATABLE', 'reject']),
  '2 RESERVED, committed': chain(['RESERVED'], ['RESERVED']),
  '2 RESERVED, aborted': chain(['RESERVED'], ['RESERVED', 'reject']),
  '2 PREPARED, committed': chain(['PREPARED'], ['PREPARED']),
  '2 PREPARED, aborted': chain(['PREPARED'], ['PREPARED', 'reject']),
  '2 PREPARED, one read-only': chain(['PREPARED'], ['PREPARED', 'read']),
  '2 PREPARED, both read-only': chain(['PREPARED', 'read'], ['PREPARED', 'read']),
  '1 PREPARED, in one phase': chain(['PREPARED']),
  '2 RETRIABLE': chain(['RETRIABLE'], ['RETRIABLE']),
  'a checkout as SAGA': chain(['COMPENSATABLE'], ['COMPENSATABLE'], ['COMPENSATABLE'], ['RETRIABLE']),
  'a checkout as TCC': chain(['COMPENSATABLE'], ['RESERVED'], ['RESERVED'], ['RETRIABLE']),
  'a checkout as TWO_PHASE': chain(['COMPENSATABLE'], ['PREPARED'], ['PREPARED'], ['RETRIABLE']),
};

const protocol = readFileSync(join(import.meta.dirname, '../../libs/transactions/PROTOCOL.md'), 'utf8');

/** What PROTOCOL.md says of a transaction. */
function theoryOf(name: string): Cost {
  const row = protocol.split('\n').find((line) => line.startsWith(`| ${name} |`));
  const [records = 0, logFlushes = 0, flushes = 0, calls = 0] = row?.split('|').slice(2).map(Number) ?? [];
  expect([name, row]).toEqual([name, expect.any(String)]);
  return { records, logFlushes, flushes, calls };
}

const log = createLogger({ service: 'test', level: 'silent' });
const closing: (() => unknown)[] = [];
const counted = { records: 0, logFlushes: 0, lazy: 0, calls: 0 };
let admin: Database;
let run: (branches: BranchInput[]) => Promise<void>;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-costs-'));
  chmodSync(directory, 0o711);
  closing.push(() => rmSync(directory, { recursive: true }));
  // Flushes are counted where they happen, so this server is as durable as a real one.
  const server = await startPostgres({ directory, maxConnections: 40, maxPreparedTransactions: 100 });
  closing.push(() => server.stop());
  admin = openDatabase({ url: server.adminUrl, name: 'test', size: 1 });
  closing.push(() => admin.close());
  const open = async (name: string, migrations: Parameters<typeof migrate>[1]) => {
    const url = await createDatabaseAndRole(server.adminUrl, { database: name, role: name, password: name });
    await migrate(url, migrations);
    return () => {
      const database = openDatabase({ url, name, size: 4 });
      closing.push(() => database.close());
      return database;
    };
  };
  const ledger = await open('ledger', [participantMigrations([])]);
  const transactions = await open('transactions', [
    { name: 'coordinator', directory: join(import.meta.dirname, 'migrations') },
  ]);
  await startCoordinator(transactions(), await startParticipant(ledger));
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const note: Handler<Does> = async (sql, calls) => {
  const writing = calls.filter(({ payload }) => payload === 'write');
  if (writing.length > 0) {
    await sql.query('INSERT INTO notes SELECT unnest($1::uuid[])', [writing.map(({ transactionId }) => transactionId)]);
  }
  return calls.map(({ payload }) =>
    payload === 'reject'
      ? { type: 'rejected', code: 'NO', message: 'no' }
      : { type: 'done', ...(payload === 'read' && { readOnly: true }) },
  );
};

async function startParticipant(open: () => Database): Promise<number> {
  const database = open();
  await database.query('CREATE TABLE notes (transaction_id uuid)');
  const action = defineAction<Does>({
    name: 'note',
    parse: (payload) => payload as Does,
    handlers: { ACTION: note, COMPENSATE: note, TRY: note, CONFIRM: note, CANCEL: note, PREPARE: note, DELIVER: note },
  });
  const nobody = { getDecisions: () => Promise.reject(new Error('nobody is in doubt here')) };
  const { service } = createParticipant({
    database,
    secondPhase: open(),
    actions: [action],
    coordinator: nobody as never,
    log,
  });
  const server = await serve({ host: '127.0.0.1', port: 0, services: [service], log });
  closing.push(() => server.close());
  return server.port;
}

async function startCoordinator(database: Database, participant: number): Promise<void> {
  const store = createStore(database);
  const write: typeof store.write = (epoch, batch) => {
    const awaited = batch.begins.length + batch.decisions.length;
    counted.records += awaited + batch.ends.length;
    counted[awaited > 0 ? 'logFlushes' : 'lazy']++;
    return store.write(epoch, batch);
  };
  const shop = connect(ParticipantService, { target: `127.0.0.1:${participant}` });
  const real = createDispatcher(new Map([['ledger', shop]]));
  let previous = Promise.resolve();
  const dispatcher: typeof real = {
    ...real,
    send(call) {
      counted.calls++;
      // One after the other, so that no two share a flush.
      previous = previous.then(
        () =>
          new Promise((resolve) => {
            const onOutcome: typeof call.onOutcome = (outcome) => {
              resolve();
              call.onOutcome(outcome);
            };
            real.send({ ...call, onOutcome });
          }),
      );
    },
  };
  // No renewal while flushes are counted.
  const options = { dispatcher, participants: ['ledger'], lease_ms: 600_000, maxOpen: 100 };
  const { client, close } = await serveCoordinator([{ ...store, write }], options);
  closing.push(() => shop.close(), close);
  let keys = 0;
  run = async (branches) => {
    const { transactionId } = await client.runTransaction({ idempotencyKey: `key-${++keys}`, branches });
    await eventually(async () => expect((await store.byIds([transactionId]))[0]?.endedAt).toBeDefined());
  };
}

/** Of all sessions since the server's start. They report when they end. */
async function flushed(): Promise<number> {
  await admin.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN ('ledger', 'transactions')`,
  );
  const { rows } = await admin.query<{ fsyncs: number }>(
    `SELECT sum(fsyncs)::float8 AS fsyncs FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'`,
  );
  return rows[0]!.fsyncs;
}

const rounds = 6;

async function measure(branches: BranchInput[]): Promise<Cost> {
  // Sessions, plans and prepared statements are made before.
  const before = await flushed();
  const counts = { ...counted };
  for (let round = 0; round < rounds; round++) await run(branches);
  const flushes = (await flushed()) - before;
  const delta = (name: keyof typeof counted) => counted[name] - counts[name];
  return {
    records: delta('records') / rounds,
    logFlushes: delta('logFlushes') / rounds,
    flushes: (flushes - delta('logFlushes') - delta('lazy')) / rounds,
    calls: delta('calls') / rounds,
  };
}

test('[S1] [S2] [S3] [S4] every kind of transaction costs what PROTOCOL.md says', async () => {
  const rows: string[][] = [['', 'records', 'flushes of the log', 'flushes of participants', 'calls']];
  for (const [name, branches] of Object.entries(transactions)) {
    const [cost, theory] = [await measure(branches), theoryOf(name)];
    const columns = ['records', 'logFlushes', 'flushes', 'calls'] as const;
    rows.push([name, ...columns.map((of) => `${Math.round(10 * cost[of]) / 10} (${theory[of]})`)]);
    // PostgreSQL flushes now and then for itself.
    const own = cost.flushes - theory.flushes;
    expect({ name, ...cost, flushes: own >= 0 && own < 0.5 ? theory.flushes : cost.flushes }).toEqual({
      name,
      ...theory,
    });
  }
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  process.stdout.write(`\nCounted (PROTOCOL.md), for one transaction:\n${table.join('\n')}\n\n`);
});
