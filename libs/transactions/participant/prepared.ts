// Prepared transactions: the branches of two-phase commit.
//
// A prepared transaction holds its locks without a connection, until a COMMIT PREPARED that needs one: whatever waits for
// those locks must not take all the connections. So PREPAREs are bounded in number, and what ends prepared transactions has
// connections of its own, and never waits for a lock on them.
import type { Database, Sql } from '@assent/postgres';
import { sqlState } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import { type BranchKey, claim } from './barrier.ts';
import { runBatch } from './batch.ts';
import type { Call } from './call.ts';
import { decide, type Verdict } from './decide.ts';
import { formatGid, type Gid, gidPrefixOf, parseGid } from './gid.ts';
import type { Handle } from './handle.ts';

export interface PreparedOptions {
  readonly database: Database;
  /** For statements that never wait for a lock. */
  readonly secondPhase: Database;
  readonly lockTimeout_ms: number;
}

export interface Prepared {
  /** PREPARE: round trips are BEGIN with the claim, what the handler needs, PREPARE TRANSACTION. */
  prepare(handle: Handle, call: Call): Promise<Verdict>;
  /** COMMIT. Throws unless the branch is committed. */
  commit(branch: Gid): Promise<Verdict>;
  /** ROLLBACK, also of a branch that never came: it won't any more. */
  rollback(branch: Gid): Promise<Verdict>;
}

type Vote =
  | { readonly type: 'settled'; readonly verdict: Verdict }
  /** Nothing has been done, which is to be recorded. */
  | { readonly type: 'no'; readonly verdict: Verdict }
  /** Another transaction has the branch. */
  | { readonly type: 'busy' };

const done: Verdict = { type: 'done', result: '' };
/** What a branch votes that has waited too long for a lock. */
const contention: Verdict = { type: 'rejected', code: 'CONTENTION', message: 'others hold the rows that it needs' };

const lockTimeout = '55P03';
const noSuchObject = '42704';

export function createPrepared({ database, secondPhase, lockTimeout_ms }: PreparedOptions): Prepared {
  async function prepare(handle: Handle, call: Call): Promise<Verdict> {
    // The row of what is prepared can't be seen, only waited for: who asks again looks first.
    if (call.attempt > 1 && (await gidsOf(call)).length > 0) return done;
    const vote = await database.connection((sql) => tryToPrepare(sql, handle, call));
    switch (vote.type) {
      case 'busy':
        if ((await gidsOf(call)).length > 0) return done;
        throw new RpcError('UNAVAILABLE', 'the same branch is being prepared');
      case 'no':
        return reject(call, vote.verdict);
      case 'settled':
        return vote.verdict;
    }
  }

  /** What is left open here is rolled back with the end of the connection's use. */
  async function tryToPrepare(sql: Sql, handle: Handle, call: Call): Promise<Vote> {
    // Two prepared transactions can wait for each other in two databases, where no deadlock detector sees it.
    const timeout_ms = Math.round(lockTimeout_ms * (0.5 + Math.random()));
    const begun = sql.query(`BEGIN; SET LOCAL lock_timeout = ${timeout_ms}`);
    const found = await Promise.all([claim(sql, 'PREPARE', [call]), begun]).then(([[found]]) => found!, unlessLocked);
    if (found === 'locked') return { type: 'busy' };
    const decision = decide('PREPARE', found);
    if (decision.type === 'refuse') throw new RpcError('FAILED_PRECONDITION', decision.message);
    if (decision.type !== 'run') return { type: 'settled', verdict: decision };
    const verdict = await handle(sql, [call]).then(([verdict]) => verdict!, unlessLocked);
    if (verdict === 'locked') return { type: 'no', verdict: contention };
    if (verdict.type === 'rejected') return { type: 'no', verdict };
    // Its result isn't recorded: it could only be read when the transaction has been committed, when nobody asks any more.
    await sql.query(`PREPARE TRANSACTION '${formatGid(call)}'`);
    return { type: 'settled', verdict };
  }

  /** Records a no, in a transaction of its own, unless something else has been recorded meanwhile. */
  async function reject(call: Call, verdict: Verdict): Promise<Verdict> {
    const [recorded] = await runBatch({ database, operation: 'PREPARE', handle: async () => [verdict] }, [call]);
    return recorded!;
  }

  async function commit(branch: Gid): Promise<Verdict> {
    if (await end('COMMIT', branch)) return done;
    const { rows } = await secondPhase.query<{ outcome: string }>(
      'SELECT outcome FROM barrier WHERE (transaction_id, branch, phase) = ($1, $2, 1)',
      [branch.transactionId, branch.branch],
    );
    const outcome = rows[0]?.outcome ?? 'unknown';
    if (outcome === 'done') return done;
    throw new RpcError('FAILED_PRECONDITION', `COMMIT of a branch that is not prepared but ${outcome}`);
  }

  async function rollback(branch: Gid): Promise<Verdict> {
    await end('ROLLBACK', branch);
    // From here on a PREPARE that is still on its way is refused.
    const [verdict] = await runBatch({ database, operation: 'ROLLBACK', handle: async () => [] }, [branch]);
    return verdict!;
  }

  /** Ends the branch's prepared transaction, of whatever epoch. False when there is none. */
  async function end(verb: 'COMMIT' | 'ROLLBACK', branch: Gid): Promise<boolean> {
    if (await endOne(verb, formatGid(branch))) return true;
    const ended = await Promise.all((await gidsOf(branch)).map((gid) => endOne(verb, gid)));
    return ended.includes(true);
  }

  async function endOne(verb: 'COMMIT' | 'ROLLBACK', gid: string): Promise<boolean> {
    try {
      await secondPhase.query(`${verb} PREPARED '${gid}'`);
      return true;
    } catch (error) {
      if (sqlState(error) === noSuchObject) return false;
      throw error;
    }
  }

  /** What is prepared of a branch: one at most, since they would have the same barrier row. */
  async function gidsOf(branch: BranchKey): Promise<string[]> {
    const { rows } = await secondPhase.query<{ gid: string }>(
      'SELECT gid FROM pg_prepared_xacts WHERE database = current_database() AND starts_with(gid, $1)',
      [gidPrefixOf(branch)],
    );
    // Only what is ours gets into SQL text.
    return rows.map(({ gid }) => gid).filter((gid) => parseGid(gid) !== undefined);
  }

  return { prepare, commit, rollback };
}

function unlessLocked(error: unknown): 'locked' {
  if (sqlState(error) === lockTimeout) return 'locked';
  throw error;
}
