// The single-thread model of an order.
import type { Window } from './bounds.ts';
import { laws } from './laws.ts';
import { judgeLife } from './life.ts';
import { type Breach, breachesOf, type Report } from './violation.ts';

/** What is known of an order: one that was placed, or one that is there. */
export interface OrderStory {
  /** Null when no answer told it and none is there. */
  readonly orderId: string | null;
  /** Of the request. */
  readonly key: string | null;
  /** What was asked for; null: nobody did. */
  readonly wanted: Wanted | null;
  /** What is there in the end. */
  readonly row:
    | (Wanted & { readonly status: string; readonly rejection: string | null; readonly total: number })
    | null;
  /** The transactions that were begun for its request. */
  readonly transactions: number;
  /** All operations on it. */
  readonly operations: readonly OrderOperation[];
}

export interface Wanted {
  readonly accountId: string;
  readonly mode: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export type OrderOperation = {
  readonly op: 'place' | 'cancel' | 'getOrder';
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly error: string | null;
  /** Of the answer. */
  readonly orderId: string | null;
  readonly status: string | null;
  readonly rejection: string | null;
  readonly total: number | null;
  readonly line: string;
} & Window;

/** These can't happen in a shop whose prices and accounts stay as they are. */
const groundless = ['UNKNOWN_PRODUCT', 'UNKNOWN_ACCOUNT', 'PRICE_CHANGED', 'CURRENCY_MISMATCH'];

/** `prices`: of one, by SKU. */
export function judgeOrder(story: OrderStory, prices: ReadonlyMap<string, number>): Breach[] {
  const { orderId, wanted, row, operations } = story;
  const sightings = operations.filter(({ outcome }) => outcome === 'ok');
  return breachesOf(orderId ?? `key ${story.key}`, (report) => {
    judgeKey(story, sightings, report);
    judgeExistence(story, sightings, report);
    if (!row && sightings.length === 0) return;
    const lines = operations.slice(0, 1).map(({ line }) => line);
    if (row && !wanted)
      return report(laws.asked, `an order of ${row.accountId}, ${row.status}`, 'no such order', lines);
    if (row && wanted) judgeContent(wanted, row, prices, report, lines);
    if (groundless.includes(row?.rejection ?? ''))
      report(laws.reason, `rejected as ${row?.rejection}`, 'no such reason', lines);
    judgeLife(story, sightings, report);
  });
}

function judgeKey({ orderId, transactions }: OrderStory, sightings: readonly OrderOperation[], report: Report): void {
  const other = sightings.find((sighting) => sighting.orderId !== orderId);
  if (other) report(laws.key, `order ${other.orderId}`, `order ${orderId}`, [sightings[0]?.line, other.line]);
  if (transactions > 1) report(laws.key, `${transactions} transactions`, 'one', [sightings[0]?.line]);
}

function judgeExistence({ row, operations }: OrderStory, sightings: readonly OrderOperation[], report: Report): void {
  const [first] = sightings;
  if (!row && first) report(laws.answered, 'no such order', `the order that was ${first.status}`, [first.line]);
  for (const { op, outcome, error, lo, line } of operations) {
    const before = sightings.find(({ hi }) => hi < lo);
    if (op === 'getOrder' && outcome === 'fail' && before)
      report(laws.answered, `${error}`, 'the order', [before.line, line]);
  }
  const placings = operations.filter(({ op }) => op === 'place');
  const refused = placings.length > 0 && placings.every(({ outcome }) => outcome === 'fail');
  if (row && row.status !== 'REJECTED' && refused) {
    report(laws.asked, `an order that is ${row.status}`, `none: ${placings[0]?.error}`, [placings[0]?.line]);
  }
}

function judgeContent(
  wanted: Wanted,
  row: NonNullable<OrderStory['row']>,
  prices: ReadonlyMap<string, number>,
  report: Report,
  lines: string[],
): void {
  const cost = wanted.lines.reduce((sum, { sku, quantity }) => sum + quantity * (prices.get(sku) ?? Number.NaN), 0);
  const seen = describe(row, row.total);
  const expected = describe(wanted, Number.isNaN(cost) ? row.total : cost);
  if (seen !== expected) report(laws.same, seen, expected, lines);
}

function describe({ accountId, mode, lines }: Wanted, total: number): string {
  return `${accountId} ${mode} ${lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')} for ${total}`;
}
