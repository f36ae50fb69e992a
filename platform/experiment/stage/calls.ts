// What the calls of a load say. Times are in seconds since it began.
import { type Latency, latencyOf, openHistogram, record } from '../../load/tally.ts';
import type { Made } from './caller.ts';

export interface Call extends Omit<Made, 'at_ms'> {
  /** When it should have been sent. */
  readonly at_s: number;
}

export function callsOf(made: readonly Made[], begin_ms: number): Call[] {
  return made.map(({ at_ms, ...rest }) => ({ at_s: (at_ms - begin_ms) / 1000, ...rest }));
}

/** Those that should have been sent in that time. */
export function within(calls: readonly Call[], from_s: number, to_s: number): Call[] {
  return calls.filter(({ at_s }) => at_s >= from_s && at_s < to_s);
}

export const isOk = ({ code }: Call): boolean => code === 'OK';

export function failures(calls: readonly Call[]): number {
  return calls.filter((call) => !isOk(call)).length;
}

/** Such as `3 UNAVAILABLE, 1 DEADLINE_EXCEEDED`; `none`. */
export function describeFailures(calls: readonly Call[]): string {
  const groups = Map.groupBy(
    calls.filter((call) => !isOk(call)),
    ({ code }) => code,
  );
  return [...groups].map(([code, some]) => `${some.length} ${code}`).join(', ') || 'none';
}

/** NaN when there are no calls. */
export function latencies(calls: readonly Call[]): Latency {
  if (calls.length === 0) return { p50: NaN, p90: NaN, p99: NaN, p999: NaN, max: NaN };
  const histogram = openHistogram();
  for (const { latency_ms } of calls) record(histogram, latency_ms);
  return latencyOf(histogram);
}

/** Which share of the answered calls a replica has answered. */
export function shareOf(calls: readonly Call[], replica: string): number {
  const answered = calls.filter(isOk);
  return answered.filter((call) => call.replica === replica).length / answered.length;
}

/** A value for every step; undefined where there was nothing to make it of. The place of a step is its middle. */
export function overTime(
  calls: readonly Call[],
  step_s: number,
  value: (calls: readonly Call[]) => number,
): [at_s: number, value: number | undefined][] {
  const steps = Map.groupBy(calls, ({ at_s }) => Math.floor(at_s / step_s));
  const last = Math.max(-1, ...steps.keys());
  return Array.from({ length: last + 1 }, (_, index) => {
    const here = steps.get(index);
    return [(index + 0.5) * step_s, here && value(here)];
  });
}

/**
 * How many seconds after a moment a replica first answers such a share of the calls of a second, looked at every tenth of a
 * second; Infinity when it never does.
 */
export function secondsToShare(calls: readonly Call[], replica: string, share: number, from_s: number): number {
  const last_s = Math.max(...calls.map(({ at_s }) => at_s));
  for (let end_s = from_s; end_s <= last_s; end_s += 0.1) {
    if (shareOf(within(calls, end_s - 1, end_s), replica) >= share) return end_s - from_s;
  }
  return Infinity;
}
