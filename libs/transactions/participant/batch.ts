// Does batches of calls behind the barrier.
import { armed, reach } from '@assent/failpoints';
import type { Database, Sql } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import { type BranchKey, claim, record } from './barrier.ts';
import type { Answer, Call } from './call.ts';
import { type BarrierOperation, claimsOf, decide, type Verdict } from './decide.ts';
import { failureOf, mayBeOneCalls } from './failure.ts';
import type { Handle } from './handle.ts';

/** What the batches of one operation of one action have in common. */
export interface Batching<C = Call> {
  readonly database: Database;
  readonly operation: Exclude<BarrierOperation, 'ROLLBACK'>;
  readonly handle: Handle<C>;
  /** How long its statements wait for a lock; as long as all of the database without it. */
  readonly lockTimeout_ms?: number;
}

/** How long the calls of a failed batch are tried one by one; the rest is asked again. */
const alone_ms = 2000;
/** Whoever holds a row may hold it until its transaction is decided. Those who don't want that row must not wait as long. */
const aloneLock_ms = 100;

/** Answers every call as soon as its answer is known, by its place in the batch. Never throws. */
export async function answerBatch(
  batching: Batching,
  calls: readonly Call[],
  answer: (index: number, answer: Answer) => void,
  onError: (error: unknown, calls: readonly Call[]) => void,
): Promise<void> {
  try {
    const verdicts = await runBatch(batching, calls);
    for (const [index, verdict] of verdicts.entries()) answer(index, verdict);
  } catch (error) {
    onError(error, calls);
    const failure = failureOf(error);
    const end = performance.now() + (calls.length > 1 && mayBeOneCalls(error) ? alone_ms : 0);
    const alone = { ...batching, lockTimeout_ms: aloneLock_ms };
    for (const [index, call] of calls.entries()) {
      if (performance.now() < end) await answerBatch(alone, [call], (_, verdict) => answer(index, verdict), onError);
      else answer(index, failure);
    }
  }
}

/**
 * Does all calls in one transaction. Round trips: BEGIN with the claim, what the handler needs, COMMIT with the record,
 * which it doesn't wait for.
 */
export async function runBatch<C extends BranchKey>(
  { database, operation, handle, lockTimeout_ms }: Batching<C>,
  calls: readonly C[],
): Promise<readonly Verdict[]> {
  let recording: Promise<void> | undefined;
  const committed = database.transaction(async (sql) => {
    // When it fails, so does what comes after it.
    if (lockTimeout_ms !== undefined) sql.query(`SET LOCAL lock_timeout = ${lockTimeout_ms}`).catch(() => {});
    if (armed) await reach(`claim.${operation}.before`);
    const found = await claim(sql, operation, calls);
    if (armed) await reach(`claim.${operation}.after`, `handle.${operation}.before`);
    const decisions = found.map((one) => decide(operation, one));
    const refused = decisions.find((decision) => decision.type === 'refuse');
    if (refused) throw new RpcError('FAILED_PRECONDITION', refused.message);
    const fresh = calls.filter((_, index) => decisions[index]?.type === 'run');
    const made = fresh.length === 0 ? [] : await handle(sql, fresh);
    if (armed) await reach(`handle.${operation}.after`, `commit.${operation}.before`);
    // A second phase has no result.
    if (claimsOf(operation).length > 1) return calls.map((): Verdict => ({ type: 'done', result: '' }));
    recording = recordVerdicts(sql, operation, fresh, made);
    recording.catch(() => {});
    const next = made.values();
    return decisions.map((decision) => (decision.type === 'run' ? next.next().value! : (decision as Verdict)));
  });
  // A record that fails makes COMMIT fail, and knows why.
  await committed.catch(() => recording);
  if (armed) await committed.then(() => reach(`commit.${operation}.after`));
  return committed;
}

/** What is done without a result has been recorded by its claim. */
async function recordVerdicts(
  sql: Sql,
  operation: BarrierOperation,
  branches: readonly BranchKey[],
  verdicts: readonly Verdict[],
): Promise<void> {
  const entries = branches.flatMap(({ transactionId, branch }, index) => {
    const verdict = verdicts[index]!;
    return verdict.type === 'done' && verdict.result === '' ? [] : { transactionId, branch, verdict };
  });
  if (entries.length > 0) await record(sql, operation, entries);
}
