import { at } from './sql.ts';

const seenColumns = 'o.op, o.outcome, o.error, o.order_id, o.status, o.rejection, o.total, o.lo, o.hi, o.file, o.line';

/** A row for each story of an order. */
export const orders = `
  SELECT json_build_object('orderId', l.order_id, 'key', l.key, 'transactions', l.transactions,
    'wanted', CASE WHEN l.key IS NOT NULL THEN json_build_object('accountId', l.account_id, 'mode', l.mode, 'lines', l.wanted) END,
    'row', CASE WHEN o.order_id IS NOT NULL THEN json_build_object('accountId', o.account_id, 'mode', o.mode, 'lines', o.lines,
      'status', o.status, 'rejection', o.rejection_code, 'total', o.total) END,
    'operations', coalesce(s.seen, '[]'::json)) AS story
  FROM lives l
    LEFT JOIN orders o ON o.order_id = l.order_id
    LEFT JOIN (
      SELECT life, json_agg(json_build_object('op', op, 'outcome', outcome, 'error', error, 'orderId', order_id,
        'status', status, 'rejection', rejection, 'total', total, 'lo', lo, 'hi', hi, 'line', ${at('s')}) ORDER BY lo) AS seen
      FROM (
        SELECT transaction_key AS life, ${seenColumns} FROM operations o WHERE op = 'place'
        UNION ALL SELECT life, ${seenColumns} FROM operations o JOIN lives l ON l.order_id = o.order_id
          WHERE op IN ('cancel', 'getOrder')) AS s
      GROUP BY life) AS s USING (life)`;
