// What the life of an order can be, whoever looks at it and when.
import type { Window } from './bounds.ts';
import { laws } from './laws.ts';
import type { OrderOperation, OrderStory } from './order.ts';
import type { Report } from './violation.ts';

const next: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLING', 'CANCELLED'],
  CONFIRMED: ['CONFIRMED', 'CANCELLING', 'CANCELLED'],
  // A cancellation that can't be decided in time is undone.
  CANCELLING: ['CANCELLING', 'CONFIRMED', 'CANCELLED'],
  CANCELLED: ['CANCELLED'],
  REJECTED: ['REJECTED'],
};

/** What an operation may answer with. */
const answers: Readonly<Record<OrderOperation['op'], readonly string[]>> = {
  place: ['CONFIRMED', 'REJECTED', 'CANCELLING', 'CANCELLED'],
  cancel: ['CANCELLING', 'CANCELLED'],
  getOrder: Object.keys(next),
};

/** Every two sightings fit into one life, in the order of time when one of them was over before the other began. */
export function judgeLife({ row, operations }: OrderStory, sightings: readonly OrderOperation[], report: Report): void {
  for (const { op, status, line } of sightings) {
    if (!answers[op].includes(status ?? ''))
      report(laws.unchanged, `${op} answered with ${status}`, answers[op].join(' or '), [line]);
  }
  const end = row ? [{ ...row, lo: Number.POSITIVE_INFINITY, hi: Number.POSITIVE_INFINITY, line: null }] : [];
  const all: readonly Sighting[] = [...sightings, ...end];
  const wrong = firstPair(all, (a, b) => !fits(a, b));
  if (wrong) {
    const [a, b] = wrong;
    const seen = `${describeSighting(b)}${b.line === null ? ' in the end' : ''}`;
    report(laws.unchanged, seen, `what can follow ${describeSighting(a)}`, [a.line, b.line]);
  }
  judgeCancellation(all, operations, report);
}

interface Sighting extends Window {
  readonly status: string | null;
  readonly rejection: string | null;
  readonly total: number | null;
  readonly line: string | null;
}

function describeSighting({ status, rejection, total }: Sighting): string {
  return `${status}${rejection ? ` (${rejection})` : ''} for ${total}`;
}

function fits(a: Sighting, b: Sighting): boolean {
  if (a.total !== b.total) return false;
  if (a.status === 'REJECTED' && b.status === 'REJECTED') return a.rejection === b.rejection;
  const forth = next[a.status ?? '']?.includes(b.status ?? '') ?? false;
  const back = next[b.status ?? '']?.includes(a.status ?? '') ?? false;
  if (a.hi < b.lo) return forth;
  return b.hi < a.lo ? back : forth || back;
}

function firstPair<T>(list: readonly T[], isWanted: (a: T, b: T) => boolean): [T, T] | undefined {
  for (const [index, a] of list.entries()) {
    const b = list.slice(index + 1).find((other) => isWanted(a, other));
    if (b) return [a, b];
  }
  return undefined;
}

function judgeCancellation(
  sightings: readonly Sighting[],
  operations: readonly OrderOperation[],
  report: Report,
): void {
  const cancels = operations.filter(({ op }) => op === 'cancel');
  const first = Math.min(Number.POSITIVE_INFINITY, ...cancels.map(({ lo }) => lo));
  for (const { status, hi, line } of sightings) {
    const isCancelled = status === 'CANCELLING' || status === 'CANCELLED';
    const couldBe = cancels.length > 0 && first <= hi;
    if (isCancelled && !couldBe) report(laws.asked, `an order that is ${status}`, 'a cancellation before', [line]);
  }
}
