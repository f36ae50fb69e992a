// PREPARE: the first phase of two-phase commit. Each call has a connection of its own.
import { armed, reach } from '@assent/failpoints';
import { type Database, type Sql, sqlState } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import { claim } from './barrier.ts';
import { runBatch } from './batch.ts';
import type { Call } from './call.ts';
import { decide, type Verdict } from './decide.ts';
import { formatGid } from './gid.ts';
import type { Handle } from './handle.ts';
import { lockTimeout, type Prepared } from './prepared.ts';

export interface PrepareOptions {
  readonly database: Database;
  readonly prepared: Prepared;
  readonly lockTimeout_ms: number;
}

type Vote =
  | { readonly type: 'settled'; readonly verdict: Verdict }
  /** Nothing has been done, which is to be recorded. */
  | { readonly type: 'no'; readonly verdict: Verdict }
  /** Another transaction has the branch, perhaps a prepared one. */
  | { readonly type: 'busy' };

/** What a branch votes that has waited too long for a lock. */
const contention: Verdict = { type: 'rejected', code: 'CONTENTION', message: 'others hold the rows that it needs' };

/** How long to wait for the same branch, when it is being prepared elsewhere. */
const busy_ms = 50;

/** The tables that the transaction has written to, or tried to, apart from the barrier: it keeps their locks to its end. */
const written = `SELECT relation::regclass::text AS name FROM pg_locks JOIN pg_class ON pg_class.oid = relation
  WHERE pid = pg_backend_pid() AND mode IN ('RowExclusiveLock', 'AccessExclusiveLock') AND relkind IN ('r', 'p', 'f')
    AND relation NOT IN (SELECT relid FROM pg_partition_tree('barrier'))`;

/** Does the handler's work and leaves it prepared; unless there is nothing to commit. */
export async function prepare(options: PrepareOptions, handle: Handle, call: Call): Promise<Verdict> {
  const { database, prepared } = options;
  // The row of what is prepared can't be seen, only waited for: who asks again looks first.
  if (call.attempt > 1 && (await prepared.has(call))) return { type: 'done', result: '' };
  const vote = await database.connection((sql) => tryToPrepare(options, sql, handle, call));
  switch (vote.type) {
    case 'busy':
      if (await prepared.has(call)) return { type: 'done', result: '' };
      throw new RpcError('UNAVAILABLE', 'the same branch is being prepared');
    case 'no':
      return reject(database, call, vote.verdict);
    case 'settled':
      return vote.verdict;
  }
}

/**
 * Round trips: BEGIN with the claim, what the handler needs, PREPARE TRANSACTION. What is left open is rolled back when the
 * connection is given back.
 */
async function tryToPrepare({ lockTimeout_ms }: PrepareOptions, sql: Sql, handle: Handle, call: Call): Promise<Vote> {
  if (armed) await reach('claim.PREPARE.before');
  const begun = sql.query(`BEGIN; SET LOCAL lock_timeout = ${busy_ms}`);
  const found = await Promise.all([claim(sql, 'PREPARE', [call]), begun]).then(([[found]]) => found!, unlessLocked);
  if (armed) await reach('claim.PREPARE.after', 'handle.PREPARE.before');
  if (found === 'locked') return { type: 'busy' };
  const decision = decide('PREPARE', found);
  if (decision.type === 'refuse') throw new RpcError('FAILED_PRECONDITION', decision.message);
  if (decision.type !== 'run') return { type: 'settled', verdict: decision };
  // Two branches can wait for each other in two databases, where no deadlock detector sees it: one of them votes no.
  const patience_ms = Math.round(lockTimeout_ms * (0.5 + Math.random()));
  sql.query(`SET LOCAL lock_timeout = ${patience_ms}`).catch(() => {});
  const verdict = await handle(sql, [call]).then(([verdict]) => verdict!, unlessLocked);
  if (armed) await reach('handle.PREPARE.after');
  if (verdict === 'locked') return { type: 'no', verdict: contention };
  if (verdict.type === 'rejected') return { type: 'no', verdict };
  if (verdict.readOnly) {
    await forget(sql, call);
    return { type: 'settled', verdict };
  }
  // Its result isn't recorded: it could only be read when the transaction has been committed, when nobody asks any more.
  if (armed) await reach('prepare.before');
  await sql.query(`PREPARE TRANSACTION '${formatGid(call)}'`);
  if (armed) await reach('prepare.after');
  return { type: 'settled', verdict };
}

/** Ends what is read-only without a flush, nor a round trip more. Throws when the handler has written. */
async function forget(sql: Sql, { action }: Call): Promise<void> {
  const [{ rows }] = await Promise.all([sql.query<{ name: string }>(written, []), sql.query('ROLLBACK')]);
  if (rows.length === 0) return;
  const cause = new Error(rows.map(({ name }) => name).join(', '));
  throw new RpcError('INTERNAL', `PREPARE of ${action} says that it is read-only, but it has written`, { cause });
}

/** Records a no, in a transaction of its own, unless something else has been recorded meanwhile. */
async function reject(database: Database, call: Call, verdict: Verdict): Promise<Verdict> {
  const [recorded] = await runBatch({ database, operation: 'PREPARE', handle: async () => [verdict] }, [call]);
  return recorded!;
}

function unlessLocked(error: unknown): 'locked' {
  if (sqlState(error) === lockTimeout) return 'locked';
  throw error;
}
