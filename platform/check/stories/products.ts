import { at, inScope, step } from './sql.ts';

/** Lines that were wanted, with what is reserved for them; and what is reserved for nobody. */
const takings = `
  (SELECT coalesce(w.sku, r.sku) AS sku, coalesce(w.order_id, r.order_id) AS order_id, w.quantity AS wanted,
     r.quantity AS taken, r.state, w.status, w.lo, w.hi, w.cancel_lo, w.cancel_hi, w.at
   FROM (
     SELECT l.*, line->>'sku' AS sku, (line->>'quantity')::bigint AS quantity
     FROM lives l, json_array_elements(wanted) AS line WHERE key IS NOT NULL AND is_there) AS w
   FULL JOIN (SELECT * FROM reservations WHERE ${inScope('sku')}) AS r ON r.order_id = w.order_id AND r.sku = w.sku) AS t`;

/** The steps of the stories of products. */
export const products = `${[
  step(
    'r.sku',
    1,
    'lo',
    `'type', 'restock', 'quantity', quantity, 'asked', o.amount, 'lo', lo, 'hi', hi, 'line', ${at('o')}`,
    `restocks r LEFT JOIN operations o ON o.op = 'restock' AND o.sku = r.sku AND o.key = r.idempotency_key WHERE ${inScope('r.sku')}`,
  ),
  step(
    'o.sku',
    2,
    'lo',
    `'type', 'lost', 'quantity', amount, 'line', ${at('o')}`,
    `operations o WHERE op = 'restock' AND outcome = 'ok'
      AND NOT EXISTS (SELECT FROM restocks r WHERE r.sku = o.sku AND r.idempotency_key = o.key)`,
  ),
  step(
    'sku',
    3,
    'lo',
    `'type', 'taking', 'orderId', order_id, 'status', status, 'wanted', wanted, 'taken', taken, 'state', state,
      'lo', lo, 'hi', hi, 'line', at, 'back', CASE WHEN status = 'REJECTED' THEN json_build_object('lo', lo, 'hi', hi)
        ELSE json_build_object('lo', coalesce(cancel_lo, lo), 'hi', cancel_hi) END`,
    takings,
  ),
  step(
    'sku',
    4,
    'lo',
    `'type', 'read', 'available', output->'available', 'reserved', output->'reserved', 'sold', output->'sold',
      'lo', lo, 'hi', hi, 'line', ${at('operations')}`,
    `operations WHERE op = 'getProduct' AND outcome = 'ok'`,
  ),
  step(
    `line->>'sku'`,
    5,
    'lo',
    `'type', 'refusal', 'orderId', order_id, 'quantity', (line->>'quantity')::bigint, 'products', json_array_length(wanted),
      'lo', lo, 'hi', hi, 'line', at`,
    `lives, json_array_elements(wanted) AS line WHERE key IS NOT NULL AND rejection_code = 'OUT_OF_STOCK'`,
  ),
].join(' UNION ALL ')} ORDER BY subject, rank, place`;
