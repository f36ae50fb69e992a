// All SQL of the coordinator: the log of transactions and the leases of those who drive them.

import type { Database } from '@assent/postgres';
import type { Branch, Rejection, Results, State, StateRecord } from '@assent/transactions/protocol';

/** A transaction as the log has it. */
export interface LoggedTransaction {
  readonly transactionId: string;
  readonly state: State;
  readonly owner: bigint;
  readonly fingerprint: string;
  readonly branches: readonly Branch[];
  readonly results: Results;
  readonly rejection?: Rejection;
  readonly traceparent: string;
  readonly createdAt: Date;
  readonly deadline: Date;
  readonly decidedAt?: Date;
  readonly endedAt?: Date;
  /** Until the deadline, by the database's clock; negative when it has passed. */
  readonly left_ms: number;
}

export interface Begin {
  readonly transactionId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  readonly branches: readonly Branch[];
  readonly traceparent: string;
  readonly timeout_ms: number;
}

export interface StateChange {
  readonly transactionId: string;
  readonly record: StateRecord;
}

/** What arrived while the batch before was being written. */
export interface LogBatch {
  readonly begins: readonly Begin[];
  readonly decisions: readonly StateChange[];
  readonly ends: readonly StateChange[];
}

export interface Written {
  /** False when this coordinator has been fenced: then nothing was written. */
  readonly owner: boolean;
  /** The begins and decisions that were written. */
  readonly transactionIds: ReadonlySet<string>;
}

export type Store = ReturnType<typeof createStore>;

export function createStore(database: Database) {
  return {
    /** Starts a lease. Returns its epoch. */
    async register(name: string, lease_ms: number): Promise<bigint> {
      const { rows } = await database.query<{ epoch: bigint }>(
        `INSERT INTO coordinators (name, lease_until) VALUES ($1, now() + $2 * interval '1 millisecond') RETURNING epoch`,
        [name, lease_ms],
      );
      return (rows[0] as { epoch: bigint }).epoch;
    },

    /** Prolongs a lease; false when it is fenced. */
    async renew(epoch: bigint, lease_ms: number): Promise<boolean> {
      const { rowCount } = await database.query(
        `UPDATE coordinators SET lease_until = now() + $2 * interval '1 millisecond' WHERE epoch = $1 AND NOT fenced`,
        [epoch, lease_ms],
      );
      return rowCount === 1;
    },

    /** Gives a lease up, so that peers take its transactions over at once. */
    async fence(epoch: bigint): Promise<void> {
      await database.query('UPDATE coordinators SET fenced = true, lease_until = now() WHERE epoch = $1', [epoch]);
    },

    /**
     * Fences whoever let its lease run out, forgets who was fenced long ago and has nothing left, and takes over up to
     * `limit` transactions of those that are fenced. What another coordinator is just claiming is passed over.
     */
    async claim(epoch: bigint, limit: number): Promise<LoggedTransaction[]> {
      await database.query('UPDATE coordinators SET fenced = true WHERE lease_until < now() AND NOT fenced');
      const { rows } = await database.query<Row>(
        `UPDATE transactions SET owner = $1
         WHERE transaction_id IN (
           SELECT t.transaction_id FROM coordinators c JOIN transactions t ON t.owner = c.epoch
           WHERE c.fenced AND t.ended_at IS NULL
           LIMIT $2 FOR UPDATE OF t SKIP LOCKED)
         AND EXISTS (SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced)
         RETURNING ${columns}`,
        [epoch, limit],
      );
      return rows.map(fromRow);
    },

    /** Forgets incarnations that were fenced long ago and have nothing left to take over. */
    async forget(): Promise<void> {
      await database.query(
        `DELETE FROM coordinators c WHERE fenced AND lease_until < now() - interval '1 hour'
         AND NOT EXISTS (SELECT FROM transactions t WHERE t.owner = c.epoch AND t.ended_at IS NULL)`,
      );
    },

    /**
     * Writes a batch: one statement, one round trip, one flush. Everything is conditional on still owning the
     * transaction. A begin whose idempotency key is taken is not written.
     */
    async write(epoch: bigint, { begins, decisions, ends }: LogBatch): Promise<Written> {
      const { rows } = await database.query<{ transaction_id: string | null }>(writeBatch, [
        epoch,
        begins.map((begin) => begin.transactionId),
        begins.map((begin) => begin.idempotencyKey),
        begins.map((begin) => begin.fingerprint),
        begins.map((begin) => JSON.stringify(begin.branches)),
        begins.map((begin) => begin.traceparent),
        begins.map((begin) => begin.timeout_ms),
        decisions.map((decision) => decision.transactionId),
        decisions.map(({ record }) => record.state),
        decisions.map(({ record }) => record.rejection?.code ?? null),
        // PostgreSQL's text has no NUL.
        decisions.map(({ record }) => record.rejection?.message.replaceAll('\0', '') ?? null),
        decisions.map(({ record }) => (Object.keys(record.results).length ? JSON.stringify(record.results) : null)),
        ends.map((end) => end.transactionId),
        ends.map(({ record }) => record.state),
      ]);
      const ids = rows.flatMap(({ transaction_id }) => transaction_id ?? []);
      return { owner: rows.length > ids.length, transactionIds: new Set(ids) };
    },

    async byKey(idempotencyKey: string): Promise<LoggedTransaction | undefined> {
      const { rows } = await database.query<Row>(`SELECT ${columns} FROM transactions WHERE idempotency_key = $1`, [
        idempotencyKey,
      ]);
      return rows[0] && fromRow(rows[0]);
    },

    async byIds(transactionIds: readonly string[]): Promise<LoggedTransaction[]> {
      const { rows } = await database.query<Row>(`SELECT ${columns} FROM transactions WHERE transaction_id = ANY($1)`, [
        transactionIds,
      ]);
      return rows.map(fromRow);
    },

    async states(transactionIds: readonly string[]): Promise<Map<string, State>> {
      const { rows } = await database.query<{ transaction_id: string; state: State }>(
        'SELECT transaction_id, state FROM transactions WHERE transaction_id = ANY($1)',
        [transactionIds],
      );
      return new Map(rows.map(({ transaction_id, state }) => [transaction_id, state]));
    },

    /** Newest first, those before `before`. */
    async list(options: { state?: State; before?: string; limit: number }): Promise<LoggedTransaction[]> {
      const { rows } = await database.query<Row>(
        `SELECT ${columns} FROM transactions
         WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR transaction_id < $2)
         ORDER BY transaction_id DESC LIMIT $3`,
        [options.state ?? null, options.before ?? null, options.limit],
      );
      return rows.map(fromRow);
    },
  };
}

const columns = `transaction_id, state, owner, fingerprint, branches, results, rejection_code, rejection_message, traceparent,
  created_at, deadline, decided_at, ended_at, extract(epoch FROM deadline - now())::float8 * 1000 AS left_ms`;

// The first row says that this coordinator is not fenced; the others are what was written.
const writeBatch = `
  WITH owner AS (
    SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced
  ), begun AS (
    INSERT INTO transactions (transaction_id, state, owner, idempotency_key, fingerprint, branches, traceparent, deadline)
    SELECT id, 'RUNNING', $1, key, fingerprint, branches::json, traceparent, now() + timeout_ms * interval '1 millisecond'
    FROM owner, unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[])
      AS b (id, key, fingerprint, branches, traceparent, timeout_ms)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING transaction_id
  ), decided AS (
    UPDATE transactions t
    SET state = d.state, rejection_code = d.code, rejection_message = d.message, results = d.results::json,
      decided_at = now(), ended_at = CASE WHEN d.state IN ('COMMITTED', 'ABORTED') THEN now() END
    FROM owner, unnest($8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[])
      AS d (id, state, code, message, results)
    WHERE t.transaction_id = d.id AND t.owner = $1 AND t.state = 'RUNNING'
    RETURNING t.transaction_id
  ), ended AS (
    UPDATE transactions t SET state = e.state, ended_at = now()
    FROM owner, unnest($13::uuid[], $14::text[]) AS e (id, state)
    WHERE t.transaction_id = e.id AND t.owner = $1 AND t.ended_at IS NULL
  )
  SELECT NULL::uuid AS transaction_id FROM owner
  UNION ALL SELECT transaction_id FROM begun
  UNION ALL SELECT transaction_id FROM decided`;

interface Row {
  transaction_id: string;
  state: State;
  owner: bigint;
  fingerprint: string;
  branches: Branch[];
  results: Results | null;
  rejection_code: string | null;
  rejection_message: string | null;
  traceparent: string;
  created_at: Date;
  deadline: Date;
  decided_at: Date | null;
  ended_at: Date | null;
  left_ms: number;
}

function fromRow(row: Row): LoggedTransaction {
  return {
    transactionId: row.transaction_id,
    state: row.state,
    owner: row.owner,
    fingerprint: row.fingerprint,
    branches: row.branches,
    results: row.results ?? {},
    ...(row.rejection_code !== null && {
      rejection: { code: row.rejection_code, message: row.rejection_message ?? '' },
    }),
    traceparent: row.traceparent,
    createdAt: row.created_at,
    deadline: row.deadline,
    ...(row.decided_at && { decidedAt: row.decided_at }),
    ...(row.ended_at && { endedAt: row.ended_at }),
    left_ms: row.left_ms,
  };
}
