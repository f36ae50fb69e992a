// How long it took until nothing was to be seen of a fault any more.
import { type Happened, type Order, overAt, type Timeline } from './timeline.ts';

/** How things are without faults. */
export interface Baseline {
  /** Orders answered per second. */
  readonly throughput: number;
  readonly p90_ms: number;
}

export interface Recovery {
  /** From the healing; missing when it didn't come before the end. */
  readonly recovery_ms?: number;
  /** Another fault was under way meanwhile, so not all of it is this one's doing. */
  readonly disturbed: boolean;
}

/** What is looked at to tell whether throughput and latency are back, and how finely. */
const window_ms = 1000;
const step_ms = 100;
/** Of the throughput without faults. */
const enough = 0.8;
/** Of the latency without faults; and some more, since one window has few orders. */
const tolerable = 2;
const tolerance_ms = 50;

/** Of the second half of the time before the faults: the first one warms up. */
export function baselineOf({ orders, calm_ms }: Timeline): Baseline {
  const calm = answeredIn(orders, calm_ms / 2, calm_ms);
  return { throughput: (calm.length * 1000) / (calm_ms / 2), p90_ms: percentile(calm.map(latencyOf), 0.9) };
}

/**
 * A fault is over when nothing of before its healing is unfinished, neither an order that somebody waits for nor a
 * transaction, and for a second throughput is back to 80 % and the latency of 90 % to twice what they were without faults.
 */
export function recoveriesOf(timeline: Timeline): Recovery[] {
  const { orders, backlog, faults, end_ms } = timeline;
  const good = goodTimes(timeline, baselineOf(timeline));
  const ends = endsOfEarlier(orders);
  return faults.map((one) => {
    const { healed_ms } = one;
    if (healed_ms === undefined) return { disturbed: false };
    const answered_ms = Math.max(healed_ms, ends(healed_ms));
    const ended_ms = backlog.find(
      ({ at_ms, progress }) =>
        progress && at_ms >= healed_ms && (progress.open === 0 || at_ms - progress.oldestOpen_s * 1000 >= healed_ms),
    )?.at_ms;
    const back_ms = ended_ms === undefined ? undefined : good.find((at_ms) => at_ms >= Math.max(answered_ms, ended_ms));
    const disturbed = faults.some((other) => other !== one && overlaps(other, one.begun_ms, back_ms ?? end_ms));
    return { ...(back_ms !== undefined && { recovery_ms: back_ms - healed_ms }), disturbed };
  });
}

/** When windows begin in which all is as it was without faults. */
function goodTimes({ orders, end_ms }: Timeline, { throughput, p90_ms }: Baseline): number[] {
  const answered = answeredIn(orders, 0, end_ms);
  const good: number[] = [];
  let first = 0;
  for (let at_ms = 0; at_ms + window_ms <= end_ms; at_ms += step_ms) {
    while ((answered[first]?.answered_ms ?? end_ms) < at_ms) first++;
    const latencies: number[] = [];
    for (let index = first; (answered[index]?.answered_ms ?? end_ms) < at_ms + window_ms; index++) {
      latencies.push(latencyOf(answered[index] as Answered));
    }
    const isBusy = (latencies.length * 1000) / window_ms >= enough * throughput;
    if (isBusy && percentile(latencies, 0.9) <= tolerable * p90_ms + tolerance_ms) good.push(at_ms);
  }
  return good;
}

/** When the last of the orders that came before a moment was answered. */
function endsOfEarlier(orders: readonly Order[]): (moment_ms: number) => number {
  const sorted = orders.toSorted((one, other) => one.scheduled_ms - other.scheduled_ms);
  let last_ms = 0;
  const ends = sorted.map(({ answered_ms = Number.POSITIVE_INFINITY }) => {
    last_ms = Math.max(last_ms, answered_ms);
    return last_ms;
  });
  return (moment_ms) => {
    const next = sorted.findIndex(({ scheduled_ms }) => scheduled_ms >= moment_ms);
    return ends[(next < 0 ? sorted.length : next) - 1] ?? 0;
  };
}

function overlaps(other: Happened, from_ms: number, to_ms: number): boolean {
  return other.begun_ms < to_ms && (overAt(other) ?? Number.POSITIVE_INFINITY) >= from_ms;
}

type Answered = Order & { answered_ms: number };

/** In the order of their answers. */
export function answeredIn(orders: readonly Order[], from_ms: number, to_ms: number): Answered[] {
  const within = (order: Order): order is Answered =>
    order.answered_ms !== undefined && order.answered_ms >= from_ms && order.answered_ms < to_ms;
  return orders.filter(within).sort((one, other) => one.answered_ms - other.answered_ms);
}

export function latencyOf({ scheduled_ms, answered_ms }: Answered): number {
  return answered_ms - scheduled_ms;
}

/** The least value that this share of them doesn't exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
