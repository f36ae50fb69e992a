// A participant for tests: it writes down every effect that its handlers have, and its payloads say what they do.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Database, openDatabase, type Sql } from '@assent/postgres';
import type { BranchCallInput } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ExecuteResponseInput } from '@assent/protos/participant/v1/ExecuteResponse.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Implementation } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { type TestDatabase, testDatabase } from '@assent/testing';
import type { Operation } from '../../protocol/index.ts';
import {
  type AnyAction,
  type BranchCall,
  defineAction,
  type HandledOperation,
  type Handler,
  type Outcome,
} from '../action.ts';
import { participantMigrations } from '../index.ts';
import { createParticipant, type Participant, type ParticipantOptions } from '../participant.ts';

export interface Payload {
  /** Comes back in the results. */
  readonly number: number;
  /** What the handlers do instead of writing an effect. */
  readonly does?: Partial<Record<HandledOperation, Conduct>>;
  /** A row to lock first. */
  readonly row?: string;
  /** The database, of several. */
  readonly shard?: number;
}

/** `read` says that it is read-only, and so does `lie`. */
export type Conduct = 'reject' | 'garble' | 'throw' | 'swallow' | 'miscount' | 'read' | 'lie';

export type TestCall = Omit<BranchCallInput, 'payload' | 'operation'> & {
  readonly operation: Operation;
  readonly payload?: Payload | string;
};

function handlerOf(operation: HandledOperation): Handler<Payload> {
  return async (sql, calls) => {
    const does = (what: string) => calls.some(({ payload }) => payload.does?.[operation] === what);
    if (does('throw')) throw new Error('a secret of the business');
    if (does('swallow')) await sql.query('SELECT 1 / $1::integer', [0]).catch(() => {});
    const rows = calls.flatMap(({ payload }) => payload.row ?? []);
    if (rows.length > 0) await sql.query('SELECT FROM rows WHERE name = ANY ($1) ORDER BY name FOR UPDATE', [rows]);
    const good = calls.filter(({ payload: { does } }) => [undefined, 'lie'].includes(does?.[operation]));
    if (good.length > 0) await writeEffects(sql, operation, good);
    return calls
      .slice(does('miscount') ? 1 : 0)
      .map(({ payload: { number, does } }) => outcomeOf(number, does?.[operation]));
  };
}

async function writeEffects(sql: Sql, operation: string, calls: readonly BranchCall<Payload>[]): Promise<void> {
  await sql.query(
    'INSERT INTO effects SELECT t, b, $3, n FROM unnest($1::uuid[], $2::integer[], $4::integer[]) AS e (t, b, n)',
    [calls.map((c) => c.transactionId), calls.map((c) => c.branch), operation, calls.map((c) => c.payload.number)],
  );
}

function outcomeOf(number: number, what: string | undefined): Outcome {
  switch (what) {
    case 'reject':
      return { type: 'rejected', code: 'NO', message: `no to ${number}` };
    case 'garble':
      return { type: 'rejected', code: 'NO', message: 'what no text column takes: \0' };
    case 'read':
    case 'lie':
      return { type: 'done', result: { number }, readOnly: true };
    default:
      return { type: 'done', result: { number } };
  }
}

function actionOf(name: string, operations: readonly HandledOperation[]) {
  return defineAction<Payload>({
    name,
    parse(payload) {
      if (typeof payload !== 'object' || payload === null || !('number' in payload)) throw new Error('not a payload');
      return payload as Payload;
    },
    handlers: Object.fromEntries(operations.map((operation) => [operation, handlerOf(operation)])),
  });
}

export const actions = [
  actionOf('pay', ['ACTION', 'COMPENSATE', 'TRY', 'CONFIRM', 'CANCEL', 'DELIVER']),
  actionOf('hold', ['PREPARE']),
];

/** The same for a participant with several databases. */
export const shardedActions: readonly AnyAction[] = actions.map((action) => ({
  ...action,
  shard: (payload) => (payload as Payload).shard ?? 0,
}));

export interface Ledger {
  readonly url: string;
  /** Of the test itself. */
  readonly database: Database;
  /** Another replica, with connections of its own. */
  replica(options?: Partial<ParticipantOptions> & ReplicaOptions): Replica;
  /** `operation number` of all effects of a transaction, sorted. */
  effects(transactionId?: string): Promise<string[]>;
  /** `phase outcome` of a transaction's rows, in order. */
  barrier(transactionId: string): Promise<string[]>;
  prepared(): Promise<string[]>;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  readonly url?: string;
  readonly size?: number;
  readonly lockTimeout_ms?: number;
}

export interface Replica {
  readonly participant: Participant;
  /** One answer for each call, in order. */
  execute(...calls: TestCall[]): Promise<BranchOutcomeInput[]>;
  /** The responses as they come. */
  responses(...calls: TestCall[]): Promise<ExecuteResponseInput[]>;
}

export const ledgerMigrations = [
  participantMigrations([]),
  { name: 'ledger', directory: join(import.meta.dirname, 'migrations') },
];
/** On a busy machine PostgreSQL takes its time to let one in. */
const acquireTimeout_ms = 60_000;
const nobody = {
  getDecisions: () => Promise.reject(new Error('no coordinator')),
} as unknown as ParticipantOptions['coordinator'];

/** @param from a database with `ledgerMigrations`; a new one without it */
export async function openLedger(from?: TestDatabase): Promise<Ledger> {
  const { url, drop } = from ?? (await testDatabase(ledgerMigrations));
  const database = openDatabase({ url, name: 'test', size: 3, acquireTimeout_ms });
  const databases = [database];
  const column = async (text: string, values?: unknown[]) =>
    (await database.query<{ value: string }>(text, values)).rows.map(({ value }) => value);

  function open(options: ReplicaOptions): Database {
    const opened = openDatabase({ url, name: 'participant', size: 6, acquireTimeout_ms, ...options });
    databases.push(opened);
    return opened;
  }

  const prepared = () =>
    column('SELECT gid AS value FROM pg_prepared_xacts WHERE database = current_database() ORDER BY 1');

  return {
    url,
    database,
    prepared,
    replica({ url: from = url, size = 6, lockTimeout_ms = 700, ...options } = {}) {
      const pools = { database: open({ url: from, size, lockTimeout_ms }), secondPhase: open({ url: from, size: 2 }) };
      const log = createLogger({ service: 'test', level: process.env.LOG_LEVEL ?? 'silent' });
      const participant = createParticipant({ ...pools, actions, coordinator: nobody, log, ...options });
      return { participant, ...clientOf(participant) };
    },
    effects: (transactionId) =>
      column(
        `SELECT operation || ' ' || number AS value FROM effects WHERE transaction_id = coalesce($1, transaction_id) ORDER BY 1`,
        [transactionId ?? null],
      ),
    barrier: (transactionId) =>
      column(`SELECT phase || ' ' || outcome AS value FROM barrier WHERE transaction_id = $1 ORDER BY branch, phase`, [
        transactionId,
      ]),
    async close() {
      // A database with prepared transactions can't be dropped.
      for (const gid of await prepared()) await database.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
      await Promise.all(databases.map((one) => one.close()));
      await drop();
    },
  };
}

function clientOf({ service }: Participant): Pick<Replica, 'execute' | 'responses'> {
  const { execute } = service.implementation as unknown as Implementation<ParticipantServiceHandlers>;
  const call = { signal: new AbortController().signal, deadline_ms: Infinity } as Parameters<typeof execute>[1];

  async function responses(...calls: TestCall[]): Promise<ExecuteResponseInput[]> {
    const received: ExecuteResponseInput[] = [];
    const request = { calls: calls.map(wireCall) } as Parameters<typeof execute>[0];
    for await (const response of execute(request, call)) received.push(response);
    return received;
  }

  return {
    responses,
    async execute(...calls) {
      const outcomes = (await responses(...calls)).flatMap((response) => response.outcomes ?? []);
      return outcomes.sort((a, b) => a.index! - b.index!).map(({ index: _, ...outcome }) => outcome);
    },
  };
}

function wireCall({ payload = { number: 1 }, ...call }: TestCall): BranchCallInput {
  const defaults = { branch: 0, action: call.operation.match(/PREPARE|COMMIT|ROLLBACK/) ? 'hold' : 'pay', inputs: {} };
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { ...defaults, epoch: '1', attempt: 1, traceparent: '', cause: null, ...call, payload: text };
}

export type Answer = BranchOutcomeInput;

/** Asks until there is an answer, and tells of each failure. */
export async function insist(
  replicas: readonly Replica[],
  call: TestCall,
  onFailure: (code: string) => void = () => {},
): Promise<Answer> {
  const end = performance.now() + 60_000;
  for (let attempt = 1; performance.now() < end; attempt++) {
    const [answer] = await replicas[attempt % replicas.length]!.execute({ ...call, attempt });
    if (answer && !answer.failed) return answer;
    onFailure(answer?.failed?.code ?? '');
    await new Promise((resolve) => setTimeout(resolve, 30 * Math.random()));
  }
  throw new Error(`no answer to ${call.operation}`);
}

/** Calls of a new transaction. */
export function newBranch(payload: Payload = { number: 1 }) {
  const transactionId = randomUUID();
  const call = (operation: Operation, rest: Partial<TestCall> = {}): TestCall => ({
    transactionId,
    operation,
    payload,
    ...rest,
  });
  return { transactionId, call };
}
