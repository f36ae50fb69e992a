// Tables beside the mirror that several stories need.
import { at, inScope } from './sql.ts';

/** Another request under the key of one is refused. */
const askedFirst = "ORDER BY outcome = 'fail', lo";

export const tables = [
  {
    // The requests for orders: all operations with the same key are one.
    table: 'requests',
    select: `
      SELECT p.*, coalesce(p.answered, t.transaction_id) AS order_id, coalesce(t.transactions, 0) AS transactions FROM (
        SELECT transaction_key, account_id, key, (array_agg(mode ${askedFirst}))[1] AS mode,
          (array_agg(lines ${askedFirst}))[1] AS lines, min(lo) AS lo, min(hi) AS hi,
          (array_agg(${at('o', 'invoke_line')} ${askedFirst}))[1] AS at,
          (array_agg(order_id ORDER BY hi) FILTER (WHERE outcome = 'ok'))[1] AS answered
        FROM operations o WHERE op = 'place' GROUP BY transaction_key, account_id, key) AS p
      LEFT JOIN (
        SELECT idempotency_key, (array_agg(transaction_id ORDER BY state = 'COMMITTED' DESC))[1] AS transaction_id,
          count(*) AS transactions
        FROM transactions GROUP BY idempotency_key) AS t ON t.idempotency_key = transaction_key`,
  },
  {
    // Orders of the histories' accounts, wanted or there, with the windows of what became of them: an order that was seen to be
    // more than PENDING had its stock and its money by then, or had given them back.
    table: 'lives',
    select: `
      SELECT coalesce(r.transaction_key, o.order_id::text) AS life, coalesce(r.order_id, o.order_id) AS order_id, r.key, r.account_id,
        r.lines AS wanted, r.mode, r.lo, least(r.hi, c.settled) AS hi, r.at, r.transactions, o.order_id IS NOT NULL AS is_there, o.status, o.total, o.rejection_code,
        c.lo AS cancel_lo, c.hi AS cancel_hi
      FROM requests r
        FULL JOIN (SELECT * FROM orders WHERE ${inScope('account_id')}) AS o ON o.order_id = r.order_id
        LEFT JOIN (
          SELECT order_id, min(lo) FILTER (WHERE op = 'cancel') AS lo, min(hi) FILTER (WHERE status = 'CANCELLED') AS hi,
            min(hi) FILTER (WHERE status <> 'PENDING') AS settled
          FROM operations WHERE order_id IS NOT NULL GROUP BY order_id) AS c ON c.order_id = coalesce(r.order_id, o.order_id)`,
  },
] as const;
