// Ends prepared transactions that nobody else has ended: their coordinator is gone, or its message was lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { armed, reach } from '@assent/failpoints';
import type { Sql } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { endOf, type Word } from './decide.ts';
import { formatGid, type Gid, gidPrefix, parseGid } from './gid.ts';
import { ended } from './metrics.ts';
import type { Prepared } from './prepared.ts';

export interface ReconcilerOptions {
  readonly database: Sql;
  readonly prepared: Pick<Prepared, 'commit' | 'rollback'>;
  readonly coordinator: Pick<Client<CoordinatorServiceHandlers>, 'getDecisions'>;
  readonly log: Logger;
  readonly every_ms: number;
  /** Younger ones are left to their coordinator. */
  readonly inDoubtAfter_ms: number;
}

/** Prepared branches whose end isn't known here. */
export interface InDoubt {
  readonly count: number;
  /** The age of the oldest; 0 without one. */
  readonly oldest_ms: number;
}

/** A branch that could not be ended: when to try again, by `performance.now()`. */
interface Trouble {
  readonly failures: number;
  readonly again_ms: number;
}

/** By gid. Holds no more than what is prepared. */
export type Troubles = Map<string, Trouble>;

/** In one question. */
const chunkSize = 500;
/** Ended at a time. */
const concurrency = 4;
const timeout_ms = 5000;
const longestPause_ms = 60_000;

/** Works until the signal, at once and then every so often. Never throws. */
export async function reconcile(options: ReconcilerOptions, signal: AbortSignal): Promise<void> {
  const troubles: Troubles = new Map();
  while (!signal.aborted) {
    await reconcileOnce(options, troubles, signal).catch((error: unknown) => {
      if (!signal.aborted) options.log.warn({ err: error }, 'prepared transactions in doubt were not looked after');
    });
    // Not in step with the other replicas.
    const pause_ms = options.every_ms * (0.75 + Math.random() / 2);
    await sleep(pause_ms, undefined, { signal }).catch(() => {});
  }
}

/** One round over all that is in doubt; the server's max_prepared_transactions limits that. */
export async function reconcileOnce(
  options: ReconcilerOptions,
  troubles: Troubles,
  signal?: AbortSignal,
): Promise<void> {
  const inDoubt = await findInDoubt(options);
  forgetEnded(troubles, inDoubt);
  const due = inDoubt.filter((branch) => (troubles.get(formatGid(branch))?.again_ms ?? 0) <= performance.now());
  for (let start = 0; start < due.length && !signal?.aborted; start += chunkSize) {
    const chunk = due.slice(start, start + chunkSize);
    const { decisions } = await options.coordinator.getDecisions(
      { transactionIds: chunk.map(({ transactionId }) => transactionId), epochs: chunk.map(({ epoch }) => epoch) },
      { timeout_ms, ...(signal && { signal }) },
    );
    const branches = chunk.entries();
    const work = async () => {
      for (const [index, branch] of branches) await end(options, troubles, branch, decisions[index]);
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }
}

/** What is prepared in the database now, whether or not somebody is about to end it. */
export async function countInDoubt(database: Sql): Promise<InDoubt> {
  const inDoubt = await findInDoubt({ database, inDoubtAfter_ms: 0 });
  return { count: inDoubt.length, oldest_ms: inDoubt[0]?.age_ms ?? 0 };
}

/** Oldest first. Other databases and other applications have prepared transactions on the same server. */
async function findInDoubt({ database, inDoubtAfter_ms }: Pick<ReconcilerOptions, 'database' | 'inDoubtAfter_ms'>) {
  const { rows } = await database.query<{ gid: string; age_ms: number }>(
    `SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::float8 * 1000 AS age_ms FROM pg_prepared_xacts
    WHERE database = current_database() AND starts_with(gid, $1)
      AND prepared <= clock_timestamp() - make_interval(secs => $2)
    ORDER BY prepared`,
    [gidPrefix, inDoubtAfter_ms / 1000],
  );
  return rows.flatMap(({ gid, age_ms }) => {
    const branch = parseGid(gid);
    return branch ? [{ ...branch, age_ms }] : [];
  });
}

function forgetEnded(troubles: Troubles, inDoubt: readonly Gid[]): void {
  const gids = new Set(inDoubt.map(formatGid));
  for (const gid of troubles.keys()) if (!gids.has(gid)) troubles.delete(gid);
}

/** One that can't be ended keeps no other from it, and is tried, and told of, more and more rarely. */
async function end(
  { prepared, log, every_ms }: ReconcilerOptions,
  troubles: Troubles,
  { transactionId, branch, epoch }: Gid,
  decision: Word | undefined,
): Promise<void> {
  const gid = { transactionId, branch, epoch };
  const verb = endOf(decision);
  if (!verb) return;
  try {
    if (armed) await reach('reconcile.before');
    const verdict = await (verb === 'COMMIT' ? prepared.commit(gid) : prepared.rollback(gid));
    if (armed) await reach('reconcile.after');
    ended.inc({ decision: `${decision}` });
    if (verdict.type === 'done') log.info({ ...gid, decision }, 'ended a prepared transaction that was in doubt');
    else log.error({ ...gid, decision, code: verdict.code }, 'a prepared transaction has not ended as it was decided');
  } catch (error) {
    const failures = (troubles.get(formatGid(gid))?.failures ?? 0) + 1;
    const pause_ms = Math.min(longestPause_ms, every_ms * 2 ** Math.min(failures - 1, 30));
    troubles.set(formatGid(gid), { failures, again_ms: performance.now() + pause_ms * (0.5 + Math.random() / 2) });
    log.warn({ err: error, ...gid, decision, failures }, 'could not end a prepared transaction that is in doubt');
  }
}
