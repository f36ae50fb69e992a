// Prepared transactions, and how they end.
//
// They hold their locks without a connection, until a COMMIT PREPARED that needs one: what waits for those locks must not
// take all connections. So what ends them has connections of its own, on which it waits for no lock.
import { armed, reach } from '@assent/failpoints';
import { type Database, sqlState } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import { type BranchKey, claim } from './barrier.ts';
import { decide, type Verdict } from './decide.ts';
import { formatGid, type Gid, gidPrefixOf, parseGid } from './gid.ts';

export interface PreparedOptions {
  readonly database: Database;
  /** For statements that wait for no lock. */
  readonly secondPhase: Database;
}

export interface Prepared {
  /** Whether the branch is prepared, by whatever epoch. */
  has(branch: BranchKey): Promise<boolean>;
  /** COMMIT. Throws unless the branch is committed. */
  commit(branch: Gid): Promise<Verdict>;
  /** ROLLBACK, also of a branch that was never prepared: it won't be any more. Rejected when the branch is committed. */
  rollback(branch: Gid): Promise<Verdict>;
}

const acts = { COMMIT: 'commit-prepared', ROLLBACK: 'rollback-prepared' } as const;
const done: Verdict = { type: 'done', result: '' };
const noSuchObject = '42704';
/** Prepared in another database of the same server. */
const elsewhere = '0A000';
const busy = '55000';
export const lockTimeout = '55P03';

/** How long ROLLBACK waits for a PREPARE that is under way, again and again: it may be waiting for what is prepared by then. */
const patience_ms = [20, 50, 100, 200, 500, 1000];

export function createPrepared({ database, secondPhase }: PreparedOptions): Prepared {
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
    let error: unknown;
    for (const lockTimeout_ms of patience_ms) {
      await end('ROLLBACK', branch);
      try {
        return await block(branch, lockTimeout_ms);
      } catch (caught) {
        if (sqlState(caught) !== lockTimeout) throw caught;
        error = caught;
      }
    }
    throw error;
  }

  /** From here on what is still on its way is refused, unless the branch is committed: then nothing of this stays. */
  function block(branch: BranchKey, lockTimeout_ms: number): Promise<Verdict> {
    return database.connection(async (sql) => {
      const begun = sql.query(`BEGIN; SET LOCAL lock_timeout = ${lockTimeout_ms}`);
      if (armed) await reach('claim.ROLLBACK.before');
      const [[found]] = await Promise.all([claim(sql, 'ROLLBACK', [branch]), begun]);
      if (armed) await reach('claim.ROLLBACK.after', 'commit.ROLLBACK.before');
      const decision = decide('ROLLBACK', found!);
      // What is left open is rolled back.
      if (decision.type === 'done') await sql.query('COMMIT');
      if (armed) await reach('commit.ROLLBACK.after');
      return decision;
    });
  }

  /** Ends the branch's prepared transaction, of whatever epoch. False when there is none. */
  async function end(verb: 'COMMIT' | 'ROLLBACK', branch: Gid): Promise<boolean> {
    if (await endOne(verb, formatGid(branch))) return true;
    const ended = await Promise.all((await gidsOf(branch)).map((gid) => endOne(verb, gid)));
    return ended.includes(true);
  }

  async function endOne(verb: 'COMMIT' | 'ROLLBACK', gid: string): Promise<boolean> {
    try {
      if (armed) await reach(`${acts[verb]}.before`);
      await secondPhase.query(`${verb} PREPARED '${gid}'`);
      if (armed) await reach(`${acts[verb]}.after`);
      return true;
    } catch (error) {
      if (sqlState(error) === noSuchObject || sqlState(error) === elsewhere) return false;
      if (sqlState(error) === busy) throw new RpcError('UNAVAILABLE', 'somebody else is just ending it');
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

  return { commit, rollback, has: async (branch) => (await gidsOf(branch)).length > 0 };
}
