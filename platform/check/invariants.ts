// What must hold, whatever was killed and when. Each invariant is a query for what breaks it, over the tables of sources.ts.

export interface Invariant {
  readonly name: string;
  /** Why it must hold, or what it means when it doesn't. */
  readonly explanation: string;
  /** The table whose rows it looks at. */
  readonly of: string;
  /** Selects what breaks it: `subject` says what it is about, the other columns what is wrong. */
  readonly broken: string;
  /** Only looked at when it is said when the last fault was healed. */
  readonly afterFaults?: true;
}

/** Older than this, nothing may be in between any more. */
const settled = `current_setting('assent.settled')::interval`;

/** Older than this, nothing may be in doubt any more. */
const inDoubt = `current_setting('assent.in_doubt')::interval`;

const healed = `current_setting('assent.healed')::timestamptz`;
const recovered = `current_setting('assent.recovery')::interval`;

/** Transactions that ended long ago are forgotten, and orders outlive them: only these can be compared with the log. */
const isInLog = (orderId: string) =>
  `${orderId} >= (SELECT transaction_id FROM transactions ORDER BY transaction_id LIMIT 1)`;

export const invariants: readonly Invariant[] = [
  {
    name: 'money is conserved',
    explanation: 'all balances together are deposits − charges + refunds',
    of: 'entries',
    broken: `
      SELECT 'all accounts' AS subject, balances, deposits, charges, refunds
      FROM (SELECT coalesce(sum(balance), 0) AS balances FROM accounts) AS held,
        (SELECT coalesce(sum(amount) FILTER (WHERE kind = 'DEPOSIT'), 0) AS deposits,
           coalesce(-sum(amount) FILTER (WHERE kind = 'CHARGE'), 0) AS charges,
           coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0) AS refunds FROM entries) AS moved
      WHERE balances <> deposits - charges + refunds`,
  },
  {
    name: 'balances follow from the ledger',
    explanation: 'the balance of an account is the sum of its entries',
    of: 'accounts',
    broken: `
      SELECT account_id AS subject, balance, ledger
      FROM accounts FULL JOIN (SELECT account_id, sum(amount) AS ledger FROM entries GROUP BY account_id) AS sums USING (account_id)
      WHERE balance IS DISTINCT FROM coalesce(ledger, 0)`,
  },
  {
    name: 'no account owes money',
    explanation: 'what is held is never more than the balance, nor less than nothing',
    of: 'accounts',
    broken: 'SELECT account_id AS subject, balance, held FROM accounts WHERE held < 0 OR balance < held',
  },
  {
    name: 'held money has its holds',
    explanation: 'what is held of an account is what tried charges have neither confirmed nor cancelled',
    of: 'accounts',
    broken: `
      WITH open AS (
        SELECT account_id, sum(amount) AS holds FROM performed
        WHERE action = 'charge' AND first = 'TRY' AND outcome = 'done' AND second IS NULL GROUP BY account_id)
      SELECT account_id AS subject, held, coalesce(holds, 0) AS holds FROM accounts LEFT JOIN open USING (account_id)
      WHERE held <> coalesce(holds, 0)`,
  },
  {
    name: 'stock is conserved',
    explanation: 'available + reserved + sold is all that was ever put in stock, and none of them is negative',
    of: 'stock',
    broken: `
      SELECT sku AS subject, available, reserved, sold, stocked, restocked
      FROM stock LEFT JOIN (SELECT sku, sum(quantity) AS restocked FROM restocks GROUP BY sku) AS sums USING (sku)
      WHERE available + reserved + sold <> stocked OR stocked <> coalesce(restocked, 0)
        OR least(available, reserved, sold) < 0`,
  },
  {
    name: 'stock agrees with reservations',
    explanation: 'what is reserved and sold of a product is what orders hold and have bought',
    of: 'reservations',
    broken: `
      WITH taken AS (
        SELECT sku, coalesce(sum(quantity) FILTER (WHERE state = 'HELD'), 0) AS held,
          coalesce(sum(quantity) FILTER (WHERE state = 'SOLD'), 0) AS bought
        FROM reservations GROUP BY sku)
      SELECT sku AS subject, reserved, held, sold, bought FROM stock FULL JOIN taken USING (sku)
      WHERE reserved IS DISTINCT FROM coalesce(held, 0) OR sold IS DISTINCT FROM coalesce(bought, 0)`,
  },
  {
    name: 'every transaction ends',
    explanation: 'none is older than the time to settle and not COMMITTED or ABORTED',
    of: 'transactions',
    broken: `
      SELECT transaction_id::text AS subject, state, age FROM transactions
      WHERE state NOT IN ('COMMITTED', 'ABORTED') AND age > ${settled}`,
  },
  {
    name: 'every order ends',
    explanation: 'none is PENDING or CANCELLING for longer than the time to settle',
    of: 'orders',
    broken: `
      SELECT order_id::text AS subject, status, age FROM orders
      WHERE status IN ('PENDING', 'CANCELLING') AND age > ${settled}`,
  },
  {
    name: 'every order ends soon after the last fault',
    explanation: 'what was begun before all was healed had ended when the time to recover was over',
    of: 'orders',
    afterFaults: true,
    broken: `
      WITH begun AS (
        SELECT order_id, max(begun) AS begun FROM branches JOIN transactions USING (transaction_id)
        WHERE participant = 'order' AND action IN ('create', 'begin-cancel') GROUP BY order_id)
      SELECT o.order_id::text AS subject, status, updated - ${healed} AS after FROM orders o
        JOIN begun USING (order_id)
      WHERE begun <= ${healed} AND (status IN ('PENDING', 'CANCELLING') OR updated > ${healed} + ${recovered})`,
  },
  {
    name: 'an order is what its transaction is',
    explanation: 'a confirmed or cancelled order was committed, a rejected one aborted, and none is missing',
    of: 'orders',
    broken: `
      SELECT coalesce(order_id, placed.transaction_id)::text AS subject, status, state
      FROM orders FULL JOIN
        (SELECT transaction_id, state FROM transactions JOIN branches USING (transaction_id)
         WHERE participant = 'order' AND action = 'create') AS placed ON placed.transaction_id = order_id
      WHERE ${isInLog('coalesce(order_id, placed.transaction_id)')} AND CASE status
          WHEN 'PENDING' THEN coalesce(state, 'ABORTED') IN ('COMMITTED', 'ABORTED')
          WHEN 'REJECTED' THEN coalesce(state, '') NOT IN ('ABORTING', 'ABORTED')
          ELSE CASE WHEN status IS NULL THEN state = 'COMMITTED' ELSE coalesce(state, '') NOT IN ('COMMITTING', 'COMMITTED') END
        END`,
  },
  {
    name: 'a confirmed order has its stock',
    explanation: 'each of its lines is SOLD, in full and once, and nothing else is',
    of: 'orders',
    broken: `
      SELECT coalesce(l.order_id, r.order_id)::text AS subject, coalesce(l.sku, r.sku) AS sku, l.quantity AS wanted,
        r.quantity AS reserved, r.state
      FROM (SELECT * FROM order_lines JOIN orders USING (order_id) WHERE status = 'CONFIRMED') AS l
        FULL JOIN (SELECT r.* FROM reservations r JOIN orders USING (order_id) WHERE status = 'CONFIRMED') AS r
        ON (l.order_id, l.sku) = (r.order_id, r.sku)
      WHERE l.quantity IS DISTINCT FROM r.quantity OR r.state <> 'SOLD'`,
  },
  {
    name: 'a confirmed order is paid once',
    explanation: 'its account has one CHARGE of its total and no REFUND, and no other account has any',
    of: 'orders',
    broken: `
      WITH confirmed AS (SELECT order_id, account_id, total FROM orders WHERE status = 'CONFIRMED')
      SELECT coalesce(o.order_id, p.order_id)::text AS subject, coalesce(o.account_id, p.account_id) AS account,
        total, charges, charged, refunds
      FROM confirmed o FULL JOIN (SELECT * FROM paid WHERE order_id IN (SELECT order_id FROM confirmed)) AS p
        ON (o.order_id, o.account_id) = (p.order_id, p.account_id)
      WHERE (charges, charged, refunds) IS DISTINCT FROM (1, total, 0)`,
  },
  {
    name: 'a rejected or cancelled order has no stock',
    explanation: 'what it may have had is RELEASED',
    of: 'reservations',
    broken: `
      SELECT order_id::text AS subject, sku, status, state FROM orders JOIN reservations USING (order_id)
      WHERE status IN ('REJECTED', 'CANCELLED') AND state <> 'RELEASED'`,
  },
  {
    name: 'a rejected order costs nothing',
    explanation: 'each of its charges, if there are any, was refunded',
    of: 'orders',
    broken: `
      SELECT order_id::text AS subject, p.account_id AS account, charges, charged, refunds, refunded
      FROM orders JOIN paid p USING (order_id)
      WHERE status = 'REJECTED' AND (charges, charged) IS DISTINCT FROM (refunds, refunded)`,
  },
  {
    name: 'a cancelled order is paid back once',
    explanation: 'its account has one CHARGE and one REFUND of its total',
    of: 'orders',
    broken: `
      SELECT order_id::text AS subject, total, charges, charged, refunds, refunded
      FROM orders o LEFT JOIN paid p USING (order_id, account_id)
      WHERE status = 'CANCELLED' AND (charges, charged, refunds, refunded) IS DISTINCT FROM (1, total, 1, total)`,
  },
  {
    name: 'whatever is taken belongs to an order',
    explanation: 'no stock and no money went to an order that does not exist',
    of: 'reservations',
    broken: `
      SELECT taken.order_id::text AS subject, what FROM (
        SELECT order_id, 'stock of ' || sku AS what FROM reservations WHERE state <> 'RELEASED'
        UNION ALL SELECT order_id, 'money of ' || account_id FROM paid WHERE charges <> refunds) AS taken
      LEFT JOIN orders o USING (order_id) WHERE o.order_id IS NULL`,
  },
  {
    name: 'every branch ends as its transaction did',
    explanation:
      'after COMMITTED all of it is done (and confirmed), after ABORTED all of it is undone, but for what an operator has skipped',
    of: 'branches',
    broken: `
      SELECT transaction_id || '/' || branch AS subject, participant, action, kind, state, first, outcome, second
      FROM performed JOIN transactions USING (transaction_id)
      WHERE NOT omitted AND CASE state
          WHEN 'COMMITTED' THEN outcome IS DISTINCT FROM 'done'
            OR CASE kind WHEN 'RESERVED' THEN second IS DISTINCT FROM 'CONFIRM' ELSE second IS NOT NULL END
          WHEN 'ABORTED' THEN outcome = 'done'
            AND (kind IN ('PREPARED', 'RETRIABLE') OR coalesce(second, '') NOT IN ('COMPENSATE', 'CANCEL'))
          ELSE false
        END`,
  },
  {
    name: 'every reservation was asked for',
    explanation: 'stock is taken and given back as often as the barrier says that it was',
    of: 'reservations',
    broken: `
      WITH asked AS (
        SELECT order_id, CASE
            WHEN bool_or(action = 'return' OR second IN ('COMPENSATE', 'CANCEL')) THEN 'RELEASED'
            WHEN bool_or(first IN ('ACTION', 'PREPARE') OR second = 'CONFIRM') THEN 'SOLD'
            ELSE 'HELD' END AS state
        FROM performed WHERE participant = 'inventory' AND outcome = 'done' GROUP BY order_id)
      SELECT order_id::text AS subject, sku, r.state, asked.state AS asked FROM asked FULL JOIN reservations r USING (order_id)
      WHERE ${isInLog('order_id')} AND r.state IS DISTINCT FROM asked.state`,
  },
  {
    name: 'every entry was asked for',
    explanation: 'money is charged and refunded as often as the barrier says that it was',
    of: 'entries',
    broken: `
      WITH asked AS (
        SELECT order_id, account_id,
          count(*) FILTER (WHERE action = 'charge' AND (first <> 'TRY' OR second = 'CONFIRM')) AS charges,
          count(*) FILTER (WHERE action = 'refund' OR second = 'COMPENSATE') AS refunds
        FROM performed WHERE participant = 'payment' AND outcome = 'done' GROUP BY order_id, account_id)
      SELECT order_id::text AS subject, account_id AS account, paid.charges, asked.charges AS charges_asked, paid.refunds,
        asked.refunds AS refunds_asked
      FROM asked FULL JOIN paid USING (order_id, account_id)
      WHERE ${isInLog('order_id')}
        AND (coalesce(asked.charges, 0), coalesce(asked.refunds, 0)) <> (coalesce(paid.charges, 0), coalesce(paid.refunds, 0))`,
  },
  {
    name: 'nothing is in doubt',
    explanation: 'no transaction stays prepared for longer than it may',
    of: 'prepared',
    broken: `SELECT gid AS subject, database, age FROM prepared WHERE age > ${inDoubt}`,
  },
  {
    name: 'nothing is locked for long',
    explanation: 'no session has a database transaction open for longer than the time to settle',
    of: 'sessions',
    broken: `SELECT database || '/' || pid AS subject, application, state, age FROM sessions WHERE age > ${settled}`,
  },
];
