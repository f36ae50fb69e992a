// The single-thread model of an account, stepped in the order of its ledger: an entry is written under the lock of its
// account, so that is the order in which the account has seen them.
import { type Bounds, boundsOf, type Window } from './bounds.ts';
import { laws } from './laws.ts';
import { balanceAt, type Timeline, timelineOf } from './timeline.ts';
import { type Breach, breachesOf, type Report } from './violation.ts';

/** What is known of an account. Windows are those of the operations that things belong to. */
export type AccountStep =
  /** An order of this account, and what it is in the end; null when there is none. */
  | ({
      readonly type: 'order';
      readonly orderId: string;
      readonly status: string | null;
      readonly total: number;
    } & Line)
  | Entry
  /** Money that may have been set aside. */
  | ({ readonly type: 'hold'; readonly amount: number } & Window)
  | ({ readonly type: 'read'; readonly balance: number; readonly held: number } & Window & Line)
  /** An order that was rejected for want of money. */
  | ({ readonly type: 'refusal'; readonly orderId: string; readonly amount: number } & Window & Line)
  /** A deposit that was acknowledged and isn't in the ledger. */
  | ({ readonly type: 'lost'; readonly amount: number } & Line);

export type Entry = {
  readonly type: 'entry';
  readonly kind: 'DEPOSIT' | 'CHARGE' | 'REFUND';
  readonly amount: number;
  readonly orderId: string | null;
  /** By how much the operation that it belongs to changes the balance; null when there is none. */
  readonly asked: number | null;
} & Window &
  Line;

interface Line {
  readonly line: string | null;
}

type Of<T extends AccountStep['type']> = Extract<AccountStep, { type: T }>;

export function judgeAccount(accountId: string, steps: readonly AccountStep[]): Breach[] {
  const of = <T extends AccountStep['type']>(type: T) => steps.filter((step): step is Of<T> => step.type === type);
  return breachesOf(accountId, (report) => {
    for (const { amount, line } of of('lost')) report(laws.answered, `no deposit of ${amount}`, 'the deposit', [line]);
    const entries = of('entry');
    stepThrough(entries, of('order'), report);
    const timeline = timelineOf(entries, report);
    if (!timeline) return;
    const holds = boundsOf(
      of('hold').flatMap(({ amount, lo, hi }) => [amount, -amount].map((delta) => ({ delta, lo, hi }))),
    );
    for (const read of of('read')) judgeRead(read, timeline, holds, report);
    for (const refusal of of('refusal')) judgeRefusal(refusal, timeline, holds, report);
  });
}

/** What an order has paid so far. */
interface Paid {
  readonly total: number;
  charged: number;
  refunded: number;
}

function stepThrough(entries: readonly Entry[], orders: readonly Of<'order'>[], report: Report): void {
  const paid = new Map<string | null, Paid>();
  for (const { orderId, total } of orders) paid.set(orderId, { total, charged: 0, refunded: 0 });
  let balance = 0;
  for (const entry of entries) {
    const { kind, amount, orderId, asked, line } = entry;
    balance += amount;
    if (asked !== amount) {
      const what = orderId ? ` for order ${orderId}` : '';
      report(laws.asked, `a ${kind} of ${amount}${what}`, asked === null ? 'no such entry' : `${asked}`, [line]);
    }
    if (amount < 0 && balance < 0) report(laws.funds, `${balance} after a ${kind} of ${amount}`, '0 or more', [line]);
    const sums = paid.get(orderId);
    if (!sums) continue;
    if (kind === 'CHARGE') sums.charged -= amount;
    else sums.refunded += amount;
    const { total, charged, refunded } = sums;
    const seen = `charges of ${charged} and refunds of ${refunded} for order ${orderId}`;
    if (charged < refunded) report(laws.paid, seen, 'a charge before its refund', [line]);
    if (charged - refunded > total) report(laws.paid, seen, `a charge of ${total}, once`, [line]);
  }
  for (const order of orders) judgePayment(order, paid.get(order.orderId) as Paid, report);
}

function judgePayment(
  { orderId, status, total, line }: Of<'order'>,
  { charged, refunded }: Paid,
  report: Report,
): void {
  // Still under way: what isn't ended in time is another matter.
  if (status === 'PENDING' || status === 'CANCELLING') return;
  const owed = status === 'CONFIRMED' ? total : 0;
  if (charged - refunded === owed) return;
  const seen = `order ${orderId}, ${status ?? 'which does not exist'}, has paid ${charged} and got back ${refunded}`;
  report(laws.paid, seen, `${owed} paid in all`, [line]);
}

function judgeRead(
  { balance, held, line, ...window }: Of<'read'>,
  timeline: Timeline,
  holds: Bounds,
  report: Report,
): void {
  const { possible } = balanceAt(timeline, window);
  if (!possible.includes(balance)) report(laws.read, `a balance of ${balance}`, oneOf(possible), [line]);
  const most = holds.highest(window);
  if (held < 0 || held > most) report(laws.read, `${held} held`, `0 to ${most}`, [line]);
}

function judgeRefusal(
  { orderId, amount, line, ...window }: Of<'refusal'>,
  timeline: Timeline,
  holds: Bounds,
  report: Report,
) {
  const { lowest } = balanceAt(timeline, window);
  const least = lowest - holds.highest(window);
  if (least < amount) return;
  report(
    laws.reason,
    `order ${orderId} was rejected for want of ${amount}`,
    `confirmed: never less than ${least} was there`,
    [line],
  );
}

const mostShown = 5;

function oneOf(numbers: readonly number[]): string {
  const more = numbers.length > mostShown ? ', …' : '';
  return `${numbers.slice(0, mostShown).join(' or ')}${more}`;
}
