import { answeredIn, latencyOf, percentile } from '../recovery.ts';
import type { Timeline } from '../timeline.ts';

/** How things went, step by step. */
export interface Series {
  readonly step_ms: number;
  readonly points: readonly Point[];
}

export interface Point {
  /** Per second. */
  readonly confirmed: number;
  readonly rejected: number;
  /** Attempts that came to nothing, and orders that failed or were not answered at all; per second. */
  readonly errors: number;
  /** Of the orders that were answered in this step; missing when none was. */
  readonly p50_ms?: number;
  readonly p99_ms?: number;
  /** Transactions open at the end of the step; missing when the databases could not be asked. */
  readonly open?: number;
}

/** So many that a step is still wide enough to be seen. */
const mostPoints = 1200;

export function seriesOf({ orders, misses_ms, backlog, end_ms }: Timeline): Series {
  const step_ms = 1000 * Math.max(1, Math.ceil(end_ms / 1000 / mostPoints));
  const answered = Map.groupBy(answeredIn(orders, 0, end_ms), ({ answered_ms }) => Math.floor(answered_ms / step_ms));
  const misses = Map.groupBy(misses_ms, (at_ms) => Math.floor(at_ms / step_ms));
  const looks = Map.groupBy(backlog, ({ at_ms }) => Math.floor(at_ms / step_ms));
  const points = Array.from({ length: Math.ceil(end_ms / step_ms) }, (_, index): Point => {
    const here = answered.get(index) ?? [];
    const perSecond = (count: number) => (count * 1000) / step_ms;
    const count = (...outcomes: readonly unknown[]) => here.filter(({ outcome }) => outcomes.includes(outcome)).length;
    const latencies = here.map(latencyOf);
    const progress = looks.get(index)?.at(-1)?.progress;
    return {
      confirmed: perSecond(count('confirmed')),
      rejected: perSecond(count('rejected')),
      errors: perSecond((misses.get(index)?.length ?? 0) + count('failed', 'unanswered')),
      ...(here.length > 0 && { p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) }),
      ...(progress && { open: progress.open }),
    };
  });
  return { step_ms, points };
}
