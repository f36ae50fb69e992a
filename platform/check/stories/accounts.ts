import { at, inScope, step } from './sql.ts';

/** The steps of the stories of accounts. */
export const accounts = `${[
  step(
    'account_id',
    1,
    '0::float8',
    `'type', 'order', 'orderId', order_id, 'status', status, 'total', total, 'line', at`,
    `lives WHERE key IS NOT NULL AND order_id IS NOT NULL AND total IS NOT NULL`,
  ),
  step(
    'e.account_id',
    2,
    'entry_id::float8',
    `'type', 'entry', 'kind', kind, 'amount', e.amount, 'orderId', e.order_id,
      'asked', CASE kind WHEN 'DEPOSIT' THEN d.amount WHEN 'CHARGE' THEN -l.total ELSE l.total END,
      'lo', CASE WHEN kind = 'DEPOSIT' THEN d.lo WHEN kind = 'REFUND' AND l.status <> 'REJECTED' THEN l.cancel_lo ELSE l.lo END,
      'hi', CASE WHEN kind = 'DEPOSIT' THEN d.hi WHEN kind = 'REFUND' AND l.status <> 'REJECTED' THEN l.cancel_hi ELSE l.hi END,
      'line', CASE kind WHEN 'DEPOSIT' THEN ${at('d')} ELSE l.at END`,
    `entries e
      LEFT JOIN operations d ON d.op = 'deposit' AND d.account_id = e.account_id AND d.key = e.idempotency_key
      LEFT JOIN lives l ON l.key IS NOT NULL AND l.order_id = e.order_id AND l.account_id = e.account_id
     WHERE ${inScope('e.account_id')}`,
  ),
  step(
    'account_id',
    3,
    'lo',
    `'type', 'hold', 'amount', total, 'lo', lo, 'hi', hi`,
    `lives WHERE key IS NOT NULL AND mode = 'TCC' AND total IS NOT NULL AND rejection_code IS DISTINCT FROM 'INSUFFICIENT_FUNDS'`,
  ),
  step(
    'account_id',
    4,
    'lo',
    `'type', 'read', 'balance', output->'balance', 'held', output->'held', 'lo', lo, 'hi', hi, 'line', ${at('operations')}`,
    `operations WHERE op = 'getAccount' AND outcome = 'ok'`,
  ),
  step(
    'account_id',
    5,
    'lo',
    `'type', 'refusal', 'orderId', order_id, 'amount', total, 'lo', lo, 'hi', hi, 'line', at`,
    `lives WHERE key IS NOT NULL AND rejection_code = 'INSUFFICIENT_FUNDS'`,
  ),
  step(
    'd.account_id',
    6,
    'lo',
    `'type', 'lost', 'amount', d.amount, 'line', ${at('d')}`,
    `operations d WHERE op = 'deposit' AND outcome = 'ok'
      AND NOT EXISTS (SELECT FROM entries e WHERE e.account_id = d.account_id AND e.idempotency_key = d.key)`,
  ),
].join(' UNION ALL ')} ORDER BY subject, rank, place`;
