// The barrier's statements. Both are upserts because these find rows by the key's index whatever the planner thinks: a
// cached plan of a join, made while the table was small, would read all of it later.
import type { Sql } from '@assent/postgres';
import { type BarrierOperation, claimsOf, type FirstPhase, type Found, type Verdict } from './decide.ts';

/** Names a branch. */
export interface BranchKey {
  /** A UUID in lower case. */
  readonly transactionId: string;
  readonly branch: number;
}

interface Row {
  transaction_id: string;
  branch: number;
  phase: number;
  claimed: boolean;
  outcome: FirstPhase['outcome'];
  result: string | null;
  code: string | null;
  message: string | null;
}

/**
 * Claims an operation's phase for branches, each at most once, in the transaction of `sql`; what it found comes in their
 * order. The rows go in by key, so that two batches never wait for each other in a circle. A row that another
 * transaction has not committed yet is waited for. The update changes nothing: it is how an upsert returns a row that is there.
 */
export async function claim(sql: Sql, operation: BarrierOperation, branches: readonly BranchKey[]): Promise<Found[]> {
  const claims = claimsOf(operation);
  const { rows } = await sql.query<Row>(
    `INSERT INTO barrier (transaction_id, branch, phase, operation, outcome)
    SELECT transaction_id, branch, phase, $3, outcome
    FROM unnest($1::uuid[], $2::integer[]) AS branches (transaction_id, branch),
      unnest($4::smallint[], $5::text[]) AS phases (phase, outcome)
    ORDER BY transaction_id, branch, phase
    ON CONFLICT (transaction_id, branch, phase) DO UPDATE SET operation = barrier.operation
    RETURNING transaction_id, branch, phase, claimed_by = pg_current_xact_id() AS claimed,
      outcome, result::text, code, message`,
    [
      branches.map((key) => key.transactionId),
      branches.map((key) => key.branch),
      operation,
      claims.map(({ phase }) => phase),
      claims.map(({ outcome }) => outcome),
    ],
  );
  const own = claims.at(-1)?.phase;
  const claimed = new Map(rows.filter((row) => row.phase === own).map((row) => [name(row), row.claimed]));
  const firsts = new Map(rows.filter((row) => row.phase === 1).map((row) => [name(row), firstPhaseOf(row)]));
  return branches.map(({ transactionId, branch }) => {
    const key = name({ transaction_id: transactionId, branch });
    return { claimed: claimed.get(key)!, first: firsts.get(key)! };
  });
}

function name(row: Pick<Row, 'transaction_id' | 'branch'>): string {
  return `${row.transaction_id}/${row.branch}`;
}

function firstPhaseOf(row: Row): FirstPhase {
  switch (row.outcome) {
    case 'done':
      return { outcome: 'done', result: row.result ?? '' };
    case 'rejected':
      return { outcome: 'rejected', code: row.code ?? '', message: row.message ?? '' };
    case 'blocked':
      return { outcome: 'blocked' };
  }
}

/** Records what became of first phases that this transaction has claimed. */
export async function record(
  sql: Sql,
  operation: BarrierOperation,
  entries: readonly (BranchKey & { readonly verdict: Verdict })[],
): Promise<void> {
  await sql.query(
    `INSERT INTO barrier (transaction_id, branch, phase, operation, outcome, result, code, message)
    SELECT transaction_id, branch, 1, $3, outcome, nullif(result, '')::json, code, message
    FROM unnest($1::uuid[], $2::integer[], $4::text[], $5::text[], $6::text[], $7::text[])
      AS entries (transaction_id, branch, outcome, result, code, message)
    ON CONFLICT (transaction_id, branch, phase) DO UPDATE
    SET outcome = excluded.outcome, result = excluded.result, code = excluded.code, message = excluded.message`,
    [
      entries.map((entry) => entry.transactionId),
      entries.map((entry) => entry.branch),
      operation,
      entries.map(({ verdict }) => verdict.type),
      entries.map(({ verdict }) => (verdict.type === 'done' ? verdict.result : null)),
      entries.map(({ verdict }) => (verdict.type === 'rejected' ? verdict.code : null)),
      entries.map(({ verdict }) => (verdict.type === 'rejected' ? verdict.message : null)),
    ],
  );
}
