// The single-thread model of a product's stock. Its rows don't tell in which order orders have taken it, only what each
// has: so the model asks whether there is an order of events, within the windows of their operations, that is possible.
import { type Bounds, boundsOf, type Change, firstShortage, type Window } from './bounds.ts';
import { laws } from './laws.ts';
import { type Breach, breachesOf, type Report } from './violation.ts';

/** What is known of a product. */
export type ProductStep =
  | ({
      readonly type: 'restock';
      readonly quantity: number /** By its operation; null: there is none. */;
      readonly asked: number | null;
    } & Window &
      Line)
  /** A restock that was acknowledged and isn't there. */
  | ({ readonly type: 'lost'; readonly quantity: number } & Line)
  | Taking
  | ({ readonly type: 'read'; readonly available: number; readonly reserved: number; readonly sold: number } & Window &
      Line)
  /** An order that was rejected for want of stock, perhaps of this product. */
  | ({
      readonly type: 'refusal';
      readonly orderId: string;
      readonly quantity: number;
      readonly products: number;
    } & Window &
      Line);

/** A line of an order, and what is reserved for it. */
export type Taking = {
  readonly type: 'taking';
  readonly orderId: string;
  /** What its order is in the end. */
  readonly status: string | null;
  /** Null: nobody has asked for it. */
  readonly wanted: number | null;
  /** Null: there is no reservation. */
  readonly taken: number | null;
  readonly state: string | null;
  /** When it can have been given back, if it was. */
  readonly back: Window;
} & Window &
  Line;

interface Line {
  readonly line: string | null;
}

/** A refused order for which this product can't have been the reason. */
export interface Unreasoned {
  readonly orderId: string;
  readonly products: number;
  readonly breach: Breach;
}

type Of<T extends ProductStep['type']> = Extract<ProductStep, { type: T }>;

export function judgeProduct(
  sku: string,
  steps: readonly ProductStep[],
): { breaches: Breach[]; unreasoned: Unreasoned[] } {
  const of = <T extends ProductStep['type']>(type: T) => steps.filter((step): step is Of<T> => step.type === type);
  const changes = [...of('restock').map(restocked), ...of('taking').flatMap(taken)];
  const bounds = boundsOf(changes);
  const breaches = breachesOf(sku, (report) => {
    for (const { quantity, line } of of('lost'))
      report(laws.answered, `no restock of ${quantity}`, 'the restock', [line]);
    for (const { quantity, asked, line } of of('restock')) {
      if (asked !== quantity)
        report(laws.asked, `a restock of ${quantity}`, asked === null ? 'none' : `${asked}`, [line]);
    }
    for (const taking of of('taking')) judgeTaking(taking, report);
    const short = firstShortage(changes);
    if (short) report(laws.stock, `${-short.delta} taken when less was there`, 'a rejection', [short.line]);
    const stocked = boundsOf(of('restock').map(restocked));
    for (const read of of('read')) judgeRead(read, bounds, stocked, report);
  });
  return { breaches, unreasoned: of('refusal').flatMap((refusal) => judgeRefusal(sku, refusal, bounds)) };
}

function restocked({ quantity, lo, hi, line }: Of<'restock'>): Change & Line {
  return { delta: quantity, lo, hi, line };
}

function taken({ taken, state, lo, hi, back, line }: Taking): (Change & Line)[] {
  if (taken === null) return [];
  const changes = [{ delta: -taken, lo, hi, line }];
  return state === 'RELEASED' ? [...changes, { delta: taken, ...back, line }] : changes;
}

function judgeTaking({ orderId, status, wanted, taken, state, line }: Taking, report: Report): void {
  const seen = taken === null ? `nothing for order ${orderId}` : `${taken} ${state} for order ${orderId}`;
  if (wanted === null) report(laws.asked, seen, 'no such reservation', [line]);
  // Still under way.
  if (wanted === null || status === 'PENDING' || status === 'CANCELLING') return;
  const isKept = taken !== null && state !== 'RELEASED';
  const isRight = status === 'CONFIRMED' ? taken === wanted && state === 'SOLD' : !isKept;
  const expected = status === 'CONFIRMED' ? `${wanted} SOLD` : 'nothing, or all RELEASED';
  if (!isRight) report(laws.supplied, `${seen}, ${status ?? 'which does not exist'}`, expected, [line]);
}

function judgeRead(
  { available, reserved, sold, line, ...window }: Of<'read'>,
  bounds: Bounds,
  stocked: Bounds,
  report: Report,
) {
  const judge = (what: string, seen: number, { lowest, highest }: Bounds) => {
    const [least, most] = [Math.max(0, lowest(window)), highest(window)];
    if (seen < least || seen > most) report(laws.read, `${seen} ${what}`, `${least} to ${most}`, [line]);
  };
  judge('available', available, bounds);
  judge('available, reserved and sold', available + reserved + sold, stocked);
}

function judgeRefusal(
  sku: string,
  { orderId, quantity, products, line, ...window }: Of<'refusal'>,
  bounds: Bounds,
): Unreasoned[] {
  const least = bounds.lowest(window);
  if (least < quantity) return [];
  const [breach] = breachesOf(orderId, (report) => {
    const seen = `rejected for want of stock`;
    report(laws.reason, seen, `confirmed: never less than ${least} of ${sku} were there, ${quantity} wanted`, [line]);
  });
  return breach ? [{ orderId, products, breach }] : [];
}
