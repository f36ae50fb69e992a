// What becomes of old barrier rows: whole partitions are dropped.
//
// A barrier row must outlive everything that may still ask for its operation: the transaction while it hasn't ended (a
// parked one may be old), callers that run it again by its idempotency key, and calls that were held up on their way.
// So the barrier keeps its rows for longer than the coordinator keeps ended transactions (7 days), keeps what belongs
// to transactions that haven't ended, and refuses what comes even later, since it can't know whether it was done before.
// A partition is closed first: from then on its transactions' first phases and DELIVER are refused, and a day later, when all replicas
// know that and what they had let through has ended long since, it is dropped.
// PostgreSQL itself keeps a partition with the row of a branch that is prepared: that one holds its lock.
import { setTimeout as sleep } from 'node:timers/promises';
import { everywhere, type Singleton } from '@assent/lease';
import {
  type Database,
  dropPartitionsBefore,
  ensurePartitions,
  listPartitions,
  type Partition,
} from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { Operation } from '../protocol/index.ts';
import type { Call } from './call.ts';

export interface RetentionOptions {
  readonly database: Database;
  readonly coordinator: Pick<Client<CoordinatorServiceHandlers>, 'listTransactions'>;
  readonly log: Logger;
  /** Without it each replica looks after the partitions. */
  readonly singleton?: Singleton;
  /** How old a transaction must be for its first phases to be refused; a day later its barrier rows go. */
  readonly barrierRetention_ms: number;
  /** What time it is, in ms since 1970. Without it the database's: a replica whose clock is wrong must not drop what the others need. */
  readonly now?: () => Promise<number>;
}

export interface Retention {
  /** Makes the partitions that are missing, and finds out what has been dropped. Doesn't throw. */
  prepare(): Promise<void>;
  /** Closes and drops what is old, and makes what is missing. Throws when no coordinator says what has ended. */
  round(signal?: AbortSignal): Promise<void>;
  /** Does so when it is this replica's turn, and finds out what others have done, every so often until the signal. Doesn't throw. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether the call comes so late that its barrier is gone, or about to go: nobody can say whether it was done before. */
  isTooLate(call: Pick<Call, 'operation' | 'transactionId'>): boolean;
}

const table = 'barrier';
const period_ms = 86_400_000;
/** Also what a weekend without anybody who looks at it may take. */
const ahead = 3;
const every_ms = 3_600_000;
/** Between closing and dropping: many times as long as a replica may not have looked, and as a call may take. */
const margin_ms = 86_400_000;
/** So far the clocks of coordinators, by which transactions have their ids, may be from the database's. */
const skew_ms = 300_000;
const timeout_ms = 5000;
const chunkSize = 1000;
const unfinished = ['RUNNING', 'COMMITTING', 'ABORTING', 'PARKED'] as const;

export function createRetention(options: RetentionOptions): Retention {
  const { database, log, barrierRetention_ms, singleton = everywhere, now = () => timeAt(database) } = options;
  let partitions: readonly Partition[] | undefined;
  let clock: () => number = Date.now;

  async function look(): Promise<void> {
    const ahead_ms = (await now()) - Date.now();
    clock = () => Date.now() + ahead_ms;
    partitions = await listPartitions(database, table);
  }

  async function make(turn: Database): Promise<void> {
    await look();
    await ensurePartitions(turn, { table, period_ms, now_ms: clock(), ahead }).finally(look);
  }

  async function round(turn: Database, signal: AbortSignal | undefined): Promise<void> {
    await make(turn);
    const now_ms = clock();
    const before_ms = now_ms - barrierRetention_ms;
    const dropped = await dropPartitionsBefore(turn, {
      table,
      before_ms,
      closing: { now_ms, margin_ms },
      mayDrop: async (_, { from_ms, to_ms }) => !(await isNeeded(options, now_ms, from_ms, to_ms, signal)),
    });
    await look();
    if (dropped.length > 0) log.info({ dropped }, 'dropped old barrier rows');
    const gone_ms = before_ms - margin_ms;
    if (!(await isNeeded(options, now_ms, 0, gone_ms, signal))) await cleanDefault(turn, gone_ms);
  }

  const attempt = (work: () => Promise<void>) =>
    work().catch((err: unknown) => log.warn({ err }, 'the partitions of the barrier were not looked after'));

  async function often(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(every_ms * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
      if (!signal.aborted) await attempt(work);
    }
  }

  return {
    prepare: () => attempt(() => make(database)),
    round: (signal) => round(database, signal),
    async run(signal) {
      const rounds = (turn: Database, over: AbortSignal) => often(() => round(turn, over), over);
      await Promise.all([often(look, signal), singleton('retention of the barrier', database, rounds, signal)]);
    },
    isTooLate({ operation, transactionId }) {
      const time_ms = timeOf(transactionId);
      if (!partitions || time_ms === undefined || time_ms >= clock() - barrierRetention_ms) return false;
      const own = partitions.find(({ from_ms, to_ms }) => from_ms <= time_ms && time_ms < to_ms);
      return effects.has(operation) && (!own || own.closed_ms !== undefined);
    },
  };
}

async function timeAt(database: Database): Promise<number> {
  const { rows } = await database.query<{ now_ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms',
    [],
  );
  return rows[0]!.now_ms;
}

/** Without their barrier rows the others do nothing. */
const effects: ReadonlySet<Operation> = new Set(['ACTION', 'TRY', 'PREPARE', 'COMMIT_ONE_PHASE', 'DELIVER']);

/** The time in a UUID v7. */
function timeOf(uuid: string): number | undefined {
  return uuid[14] === '7' ? Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16) : undefined;
}

/** Whether a transaction from that time hasn't ended. Throws when no coordinator says. */
async function isNeeded(
  { coordinator }: RetentionOptions,
  now_ms: number,
  from_ms: number,
  to_ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const minAge = { seconds: `${Math.max(0, Math.floor((now_ms - to_ms - skew_ms) / 1000))}`, nanos: 0 };
  const options = { timeout_ms, ...(signal && { signal }) };
  const newest = await Promise.all(
    unfinished.map(async (state) => {
      const { transactions } = await coordinator.listTransactions({ state, minAge, pageSize: 1 }, options);
      return transactions[0];
    }),
  );
  return newest.some((transaction) => transaction && (timeOf(transaction.transactionId) ?? from_ms) >= from_ms);
}

/** Deletes what is old and has no partition of its own, a little at a time. */
async function cleanDefault(database: Database, before_ms: number): Promise<void> {
  let deleted: number;
  do {
    const { rowCount } = await database.query(
      `DELETE FROM barrier_default WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM barrier_default WHERE created_at < $1 LIMIT ${chunkSize}))`,
      [new Date(before_ms)],
    );
    deleted = rowCount;
  } while (deleted === chunkSize);
}
