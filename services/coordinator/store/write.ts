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
  const { text, values } = statementOf(epoch, batch);
  const { rows } = await database.query<{ transaction_id: string | null }>(text, values);
  const ids = rows.flatMap(({ transaction_id }) => transaction_id ?? []);
  return { owner: rows.length > ids.length, transactionIds: new Set(ids) };
}

/** Only what the batch has, since also what does nothing takes its time. */
function statementOf(epoch: bigint, { begins, decisions, ends }: LogBatch) {
  const values: unknown[] = [epoch, recordVersion];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const news = [
    ...begins.map((begin) => ({ begin, record: undefined })),
    ...decisions.flatMap(({ begin, record }) => (begin ? { begin, record } : [])),
  ];
  const parks = decisions.filter(({ record }) => record.stuck);
  const decided = decisions.filter(({ begin, record }) => !begin && !record.stuck);
  const parts = [
    ...(news.length > 0 ? [begun(news, $)] : []),
    ...(decided.length > 0 ? [decide(decided, $)] : []),
    ...(parks.length > 0 ? [park(parks, $)] : []),
    ...(ends.length > 0 ? [end(ends, $)] : []),
  ];
  // The first row says that this coordinator is not fenced; the others are what was written. The lock keeps it from being
  // fenced before this is committed: who sees that it is fenced sees all that it has written, and knows that no more comes.
  const text = `
    WITH owner AS (SELECT FROM coordinators WHERE epoch = $1 AND NOT fenced FOR KEY SHARE)${parts.map((part) => `, ${part}`).join('')}
    SELECT NULL::uuid AS transaction_id FROM owner
    ${news.length > 0 ? 'UNION ALL SELECT transaction_id FROM begun' : ''}
    ${decided.length > 0 ? 'UNION ALL SELECT transaction_id FROM decided' : ''}
    ${parks.length > 0 ? 'UNION ALL SELECT transaction_id FROM parked' : ''}`;
  return { text, values };
}

/** Adds a value; its place in the text. */
type Place = (value: unknown) => string;

function begun(news: readonly { begin: Begin; record: StateRecord | undefined }[], $: Place): string {
  const now_ms = performance.now();
  return `
    new AS (
      SELECT n.*, now() - age_ms * interval '1 millisecond' AS created
      FROM owner, unnest(
        ${$(news.map(({ begin }) => begin.transactionId))}::uuid[],
        ${$(news.map(({ begin }) => begin.idempotencyKey))}::text[],
        ${$(news.map(({ begin }) => begin.fingerprint))}::text[],
        ${$(news.map(({ begin }) => JSON.stringify(begin.branches)))}::text[],
        ${$(news.map(({ begin }) => begin.traceparent))}::text[],
        ${$(news.map(({ begin }) => now_ms - begin.begunAt_ms))}::float8[],
        ${$(news.map(({ begin }) => begin.timeout_ms))}::float8[],
        ${recordsOf(
          news.map(({ record }) => record),
          $,
        )})
        AS n (id, key, fingerprint, branches, traceparent, age_ms, timeout_ms, state, code, message, results, omitted)
    ), keyed AS (
      INSERT INTO idempotency_keys (key, transaction_id) SELECT key, id FROM new
      ON CONFLICT (key) DO NOTHING
      RETURNING transaction_id AS id
    ), begun AS (
      INSERT INTO transactions (transaction_id, version, state, owner, idempotency_key, fingerprint, branches, traceparent,
        created_at, deadline, rejection_code, rejection_message, results, omitted, decided_at, ended_at)
      SELECT id, $2, state, $1, key, fingerprint, branches::json, traceparent,
        created, created + timeout_ms * interval '1 millisecond', code, message, results::json, omitted::json,
        CASE WHEN state <> 'RUNNING' THEN now() END, CASE WHEN state IN ('COMMITTED', 'ABORTED') THEN now() END
      -- A hashed look-up, and no join.
      FROM new WHERE (id IN (SELECT id FROM keyed)) IS TRUE
      RETURNING transaction_id
    )`;
}

function decide(decided: readonly StateChange[], $: Place): string {
  return `
    decided AS (
      UPDATE transactions t
      SET version = $2, state = d.state, rejection_code = d.code, rejection_message = d.message, results = d.results::json,
        omitted = d.omitted::json, decided_at = now(),
        ended_at = CASE WHEN d.state IN ('COMMITTED', 'ABORTED') THEN now() END
      FROM owner, unnest(
        ${$(decided.map(({ transactionId }) => transactionId))}::uuid[],
        ${recordsOf(
          decided.map(({ record }) => record),
          $,
        )})
        AS d (id, state, code, message, results, omitted)
      WHERE t.transaction_id = d.id AND t.owner = $1 AND t.state = 'RUNNING'
      RETURNING t.transaction_id
    )`;
}

function park(parks: readonly StateChange[], $: Place): string {
  return `
    parked AS (
      UPDATE transactions t
      SET version = $2, owner = 0, stuck = p.stuck::json, omitted = p.omitted::json, parked_at = now()
      FROM owner, unnest(
        ${$(parks.map(({ transactionId }) => transactionId))}::uuid[],
        ${$(parks.map(({ record }) => JSON.stringify(record.stuck)))}::text[],
        ${$(parks.map(({ record }) => toJson(record.omitted)))}::text[])
        AS p (id, stuck, omitted)
      WHERE t.transaction_id = p.id AND t.owner = $1 AND t.ended_at IS NULL
      RETURNING t.transaction_id
    )`;
}

function end(ends: readonly StateChange[], $: Place): string {
  return `
    ended AS (
      UPDATE transactions t
      SET version = $2, state = e.state, ended_at = now(), decided_at = coalesce(t.decided_at, now()),
        rejection_code = coalesce(e.code, t.rejection_code), rejection_message = coalesce(e.message, t.rejection_message)
      FROM owner, unnest(
        ${$(ends.map(({ transactionId }) => transactionId))}::uuid[],
        ${$(ends.map(({ record }) => record.state))}::text[],
        ${$(ends.map(({ record }) => toText(record.rejection?.code)))}::text[],
        ${$(ends.map(({ record }) => toText(record.rejection?.message)))}::text[])
        AS e (id, state, code, message)
      WHERE t.transaction_id = e.id AND t.owner = $1 AND t.ended_at IS NULL
    )`;
}

/** State, reason, results and omitted branches, as columns. Without a record a transaction is RUNNING. */
function recordsOf(records: readonly (StateRecord | undefined)[], $: Place): string {
  return `
        ${$(records.map((record) => record?.state ?? 'RUNNING'))}::text[],
        ${$(records.map((record) => toText(record?.rejection?.code)))}::text[],
        ${$(records.map((record) => toText(record?.rejection?.message)))}::text[],
        ${$(records.map((record) => toJson(record?.results)))}::text[],
        ${$(records.map((record) => toJson(record?.omitted)))}::text[]`;
}

/** PostgreSQL's text has no NUL. */
function toText(text: string | undefined): string | null {
  return text?.replaceAll('\0', '') ?? null;
}

/** Nothing for what is empty. */
function toJson(value: object | undefined): string | null {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}
