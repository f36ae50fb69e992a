// What is read from the services' databases, each in one snapshot. Here the checker depends on their schemas.

export interface Source {
  /** Where it comes from. */
  readonly database: DatabaseName;
  /** What the invariants call it; several sources may add to one table. */
  readonly table: string;
  readonly columns: string;
  /** Gives the columns in their order. */
  readonly select: string;
}

export const databaseNames = ['orders', 'inventory', 'payments', 'transactions'] as const;

export type DatabaseName = (typeof databaseNames)[number];

/**
 * Which databases are read together, and after which. A transaction is logged before its branches do anything, and decided
 * before they are told so: its log is read last, so that it knows all that the others show.
 */
export const readOrder: readonly (readonly DatabaseName[])[] = [['orders', 'inventory', 'payments'], ['transactions']];

/** By name, as a run registers them. */
export type DatabaseUrls = Readonly<Record<string, string>>;

/** Those of a service: its database and, when it has several, its shards (`inventory`, `inventory-2`, …). */
export function urlsOf(databases: DatabaseUrls, name: DatabaseName): string[] {
  const urls = Object.entries(databases).flatMap(([key, url]) => (key.replace(/[-_]?\d+$/, '') === name ? [url] : []));
  if (urls.length === 0) throw new Error(`the running platform does not say where its database '${name}' is`);
  return urls;
}

/** As the branches of transactions call those services. */
const participantOf = { orders: 'order', inventory: 'inventory', payments: 'payment' } as const;

const barriers = Object.entries(participantOf).map(
  ([database, participant]): Source => ({
    database: database as keyof typeof participantOf,
    table: 'barrier',
    columns: 'participant text, transaction_id uuid, branch integer, phase integer, operation text, outcome text',
    select: `SELECT '${participant}' AS participant, transaction_id, branch, phase, operation, outcome FROM barrier`,
  }),
);

/** What checkers call themselves: their sessions are none of the platform's. */
export const application = 'assent check';

/** Prepared transactions and sessions of all databases: what holds locks. */
const holders = databaseNames.flatMap((database): Source[] => [
  {
    database,
    table: 'prepared',
    columns: 'database text, gid text, age interval',
    select: `SELECT database, gid, clock_timestamp() - prepared AS age FROM pg_prepared_xacts
      WHERE database = current_database()`,
  },
  {
    database,
    table: 'sessions',
    columns: 'database text, pid integer, application text, state text, age interval',
    select: `SELECT datname AS database, pid, application_name AS application, state, clock_timestamp() - xact_start AS age
      FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend'
        AND application_name <> '${application}'`,
  },
]);

export const sources: readonly Source[] = [
  {
    database: 'orders',
    table: 'orders',
    columns: `order_id uuid, account_id text, mode text, status text, rejection_code text, total bigint, lines json,
      updated timestamptz, age interval`,
    select: `SELECT order_id, account_id, mode, status, rejection_code, total, lines, updated_at AS updated,
        now() - updated_at AS age
      FROM orders`,
  },
  {
    database: 'inventory',
    table: 'stock',
    columns: 'sku text, available bigint, reserved bigint, sold bigint, stocked bigint',
    select: 'SELECT sku, available, reserved, sold, stocked FROM stock',
  },
  {
    database: 'inventory',
    table: 'restocks',
    columns: 'sku text, idempotency_key text, quantity bigint',
    select: 'SELECT sku, idempotency_key, quantity FROM restocks',
  },
  {
    database: 'inventory',
    table: 'reservations',
    columns: 'order_id uuid, sku text, quantity bigint, state text',
    select: 'SELECT order_id, sku, quantity, state FROM reservations',
  },
  {
    database: 'payments',
    table: 'accounts',
    columns: 'account_id text, balance bigint, held bigint',
    select: 'SELECT account_id, balance, held FROM accounts',
  },
  {
    database: 'payments',
    table: 'entries',
    columns: 'account_id text, entry_id bigint, kind text, amount bigint, order_id uuid, idempotency_key text',
    select: 'SELECT account_id, entry_id, kind, amount, order_id, idempotency_key FROM entries',
  },
  ...barriers,
  {
    database: 'transactions',
    table: 'transactions',
    columns: 'transaction_id uuid, state text, idempotency_key text, begun timestamptz, age interval',
    select: `SELECT transaction_id, state, idempotency_key, created_at AS begun, now() - created_at AS age FROM transactions`,
  },
  {
    database: 'transactions',
    table: 'branches',
    columns: `transaction_id uuid, branch integer, participant text, action text, kind text,
      omitted boolean, order_id uuid, account_id text, amount bigint`,
    // A checkout's order has the transaction's id, a cancellation names its order.
    select: `SELECT transaction_id, place - 1 AS branch, definition->>'participant' AS participant,
        definition->>'action' AS action, definition->>'kind' AS kind,
        coalesce(omitted::jsonb @> to_jsonb(place - 1), false) AS omitted,
        coalesce(payload->>'orderId', transaction_id::text) AS order_id,
        payload->>'accountId' AS account_id, payload->'amount'->>'amount' AS amount
      FROM transactions,
        json_array_elements(branches) WITH ORDINALITY AS one (definition, place),
        LATERAL (SELECT nullif(definition->>'payload', '')::json AS payload) AS parsed`,
  },
  ...holders,
];

/** What several invariants need, made of the tables above. */
export const derived: readonly { readonly table: string; readonly select: string }[] = [
  {
    table: 'order_lines',
    select: `SELECT order_id, line->>'sku' AS sku, (line->>'quantity')::bigint AS quantity
      FROM orders, json_array_elements(lines) AS line`,
  },
  {
    // What orders have paid and got back, by account.
    table: 'paid',
    select: `SELECT order_id, account_id,
        count(*) FILTER (WHERE kind = 'CHARGE') AS charges, -sum(amount) FILTER (WHERE kind = 'CHARGE') AS charged,
        count(*) FILTER (WHERE kind = 'REFUND') AS refunds, sum(amount) FILTER (WHERE kind = 'REFUND') AS refunded
      FROM entries WHERE order_id IS NOT NULL GROUP BY order_id, account_id`,
  },
  {
    // Branches with what their participants' barriers know of them.
    table: 'performed',
    select: `SELECT b.*, one.operation AS first, one.outcome, two.operation AS second
      FROM branches b
        LEFT JOIN (SELECT * FROM barrier WHERE phase = 1) AS one USING (participant, transaction_id, branch)
        LEFT JOIN (SELECT * FROM barrier WHERE phase = 2) AS two USING (participant, transaction_id, branch)`,
  },
];
