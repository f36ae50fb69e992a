// The hot path: what all transactions of a moment have to log, in one statement.
import type { Database } from '@assent/postgres';
import type { Branch, StateRecord } from '@assent/transactions/protocol';
import { recordVersion } from './schema.ts';

export interface Begin {
  readonly transactionId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  readonly branches: readonly Branch[];
  readonly traceparent: string;
  /** From `begunAt_ms` until it must be decided. */
  readonly timeout_ms: number;
  /** By performance.now(). */
  readonly begunAt_ms: number;
  /** Its key is claimed in another shard too. Who finds it there must find the transaction in the log, so it has to begin there. */
  readonly isKeyElsewhere?: boolean;
}

export interface StateChange {
  readonly transactionId: string;
  readonly record: StateRecord;
  /** Of a transaction that isn't in the log before it is decided. */
  readonly begin?: Begin;
}

/** What arrived while the batch before was being written. */
export interface LogBatch {
  readonly begins: readonly Begin[];
  /** Records that somebody waits for: decisions, and those that park. */
  readonly decisions: readonly StateChange[];
  readonly ends: readonly StateChange[];
}

export interface Written {
  /** False when this coordinator has been fenced: then nothing was written. */
  readonly owner: boolean;
  /** The begins and decisions that were written. */
  readonly transactionIds: ReadonlySet<string>;
}

/**
 * Writes a batch: one statement, one round trip, one flush. Everything is conditional on still owning the transaction. What
 * has an idempotency key that is taken is not begun.
 */
export async function write(database: Database, epoch: bigint, batch: LogBatch): Promise<Written> {
  const { rows } = await database.query<{ transaction_id: string | null }>(statement, [epoch, ...valuesOf(batch)]);
  const ids = rows.flatMap(({ transaction_id }) => transaction_id ?? []);
  return { owner: rows.length > ids.length, transactionIds: new Set(ids) };
}

function valuesOf({ begins, decisions, ends }: LogBatch): unknown[] {
  const news = [
    ...begins.map((begin) => ({ begin, record: undefined })),
    ...decisions.flatMap(({ begin, record }) => (begin ? { begin, record } : [])),
  ];
  const parks = decisions.filter(({ record }) => record.stuck);
  const decided = decisions.filter(({ begin, record }) => !begin && !record.stuck);
  const ids = [...decided, ...parks, ...ends].map(({ transactionId }) => transactionId).sort();
  const now_ms = performance.now();
  return [
    news.map(({ begin }) => begin.transactionId),
    news.map(({ begin }) => begin.idempotencyKey),
    news.map(({ begin }) => begin.fingerprint),
    news.map(({ begin }) => JSON.stringify(begin.branches)),
    news.map(({ begin }) => begin.traceparent),
    news.map(({ begin }) => now_ms - begin.begunAt_ms),
    news.map(({ begin }) => begin.timeout_ms),
    ...recordsOf(news.map(({ record }) => record)),
    decided.map(({ transactionId }) => transactionId),
    ...recordsOf(decided.map(({ record }) => record)),
    parks.map(({ transactionId }) => transactionId),
    parks.map(({ record }) => JSON.stringify(record.stuck)),
    parks.map(({ record }) => toJson(record.omitted)),
    ends.map(({ transactionId }) => transactionId),
    ends.map(({ record }) => record.state),
    ends.map(({ record }) => record.rejection?.code ?? null),
    ends.map(({ record }) => toText(record.rejection?.message)),
    ids[0] ?? null,
    ids.at(-1) ?? null,
    recordVersion,
  ];
}

/** State, reason, results and omitted branches, as columns. Without a record a transaction is RUNNING. */
function recordsOf(records: readonly (StateRecord | undefined)[]): unknown[] {
  return [
    records.map((record) => record?.state ?? 'RUNNING'),
    records.map((record) => record?.rejection?.code ?? null),
    records.map((record) => toText(record?.rejection?.message)),
    records.map((record) => toJson(record?.results)),
    records.map((record) => toJson(record?.omitted)),
  ];
}

/** PostgreSQL's text has no NUL. */
function toText(text: string | undefined): string | null {
  return text?.replaceAll('\0', '') ?? null;
}

/** Nothing for what is empty. */
function toJson(value: object | undefined): string | null {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}

// The first row says that this coordinator is not fenced; the others are what was written. The lock keeps it from being
// fenced before this is committed: who sees that it is fenced sees all that it has written, and knows that no more comes.
// $27 and $28 are the smallest and the greatest id that is updated, so that partitions without any aren't looked at.
const statement = `
  WITH owner AS (
    SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced FOR SHARE
  ), new AS (
    SELECT b.*, now() - age_ms * interval '1 millisecond' AS created
    FROM owner, unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[],
      $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
      AS b (id, key, fingerprint, branches, traceparent, age_ms, timeout_ms, state, code, message, results, omitted)
  ), keyed AS (
    INSERT INTO idempotency_keys (key, transaction_id) SELECT key, id FROM new
    ON CONFLICT (key) DO NOTHING
    RETURNING transaction_id AS id
  ), begun AS (
    INSERT INTO transactions (transaction_id, version, state, owner, idempotency_key, fingerprint, branches, traceparent,
      created_at, deadline, rejection_code, rejection_message, results, omitted, decided_at, ended_at)
    SELECT id, $29, state, $1, key, fingerprint, branches::json, traceparent,
      created, created + timeout_ms * interval '1 millisecond', code, message, results::json, omitted::json,
      CASE WHEN state <> 'RUNNING' THEN now() END, CASE WHEN state IN ('COMMITTED', 'ABORTED') THEN now() END
    FROM new JOIN keyed USING (id)
    RETURNING transaction_id
  ), decided AS (
    UPDATE transactions t
    SET version = $29, state = d.state, rejection_code = d.code, rejection_message = d.message, results = d.results::json,
      omitted = d.omitted::json, decided_at = now(),
      ended_at = CASE WHEN d.state IN ('COMMITTED', 'ABORTED') THEN now() END
    FROM owner, unnest($14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[])
      AS d (id, state, code, message, results, omitted)
    WHERE t.transaction_id = d.id AND t.transaction_id BETWEEN $27 AND $28 AND t.owner = $1 AND t.state = 'RUNNING'
    RETURNING t.transaction_id
  ), parked AS (
    UPDATE transactions t
    SET version = $29, owner = 0, stuck = p.stuck::json, omitted = p.omitted::json, parked_at = now()
    FROM owner, unnest($20::uuid[], $21::text[], $22::text[]) AS p (id, stuck, omitted)
    WHERE t.transaction_id = p.id AND t.transaction_id BETWEEN $27 AND $28 AND t.owner = $1 AND t.ended_at IS NULL
    RETURNING t.transaction_id
  ), ended AS (
    UPDATE transactions t
    SET version = $29, state = e.state, ended_at = now(), decided_at = coalesce(t.decided_at, now()),
      rejection_code = coalesce(e.code, t.rejection_code), rejection_message = coalesce(e.message, t.rejection_message)
    FROM owner, unnest($23::uuid[], $24::text[], $25::text[], $26::text[]) AS e (id, state, code, message)
    WHERE t.transaction_id = e.id AND t.transaction_id BETWEEN $27 AND $28 AND t.owner = $1 AND t.ended_at IS NULL
  )
  SELECT NULL::uuid AS transaction_id FROM owner
  UNION ALL SELECT transaction_id FROM begun
  UNION ALL SELECT transaction_id FROM decided
  UNION ALL SELECT transaction_id FROM parked`;
