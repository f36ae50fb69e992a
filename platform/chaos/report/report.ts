// What a run of chaos has shown, as it is written to report.json.
import type { Experiment } from '../experiment.ts';
import { describeFault, type FaultType, faultTypes } from '../faults.ts';
import type { Death, Missing } from '../ground.ts';
import { type Baseline, baselineOf, percentile, type Recovery, recoveriesOf } from '../recovery.ts';
import { overAt, type Timeline } from '../timeline.ts';
import { type Series, seriesOf } from './series.ts';

export interface Report extends Pick<Experiment, 'summary' | 'settled' | 'verdict'> {
  /** Nothing was wrong, enough succeeded, and nothing was left some seconds after the last fault. */
  readonly clean: boolean;
  /** ISO 8601. */
  readonly begun: string;
  readonly settings: Settings;
  /** Types that could not be had, and why. */
  readonly missing: Missing;
  readonly baseline: Baseline;
  /** When the faults began, and the end, from the beginning of the load. */
  readonly calm_ms: number;
  readonly end_ms: number;
  readonly types: readonly TypeRow[];
  readonly faults: readonly FaultRow[];
  /** From the beginning of the load. */
  readonly deaths: readonly Death[];
  /** Latency of the orders that came while there were faults, whatever became of them. */
  readonly during: { readonly p50_ms: number; readonly p99_ms: number };
  /** The greatest age of an open transaction, and of a prepared one, that was seen. */
  readonly oldestOpen_s: number;
  readonly oldestPrepared_s: number;
  readonly series: Series;
}

/** With the same ones the same faults happen again. */
export interface Settings {
  readonly seed: number;
  readonly duration_s: number;
  readonly every_s: number;
  /** How soon after the last fault everything had to have ended. */
  readonly settled_s: number;
  readonly faults: readonly FaultType[];
  readonly rate: number;
  readonly mode: string;
  readonly platform: Platform;
}

/** Which one was disturbed. */
export type Platform =
  /** One that was started for this. */
  | {
      readonly type: 'own';
      readonly replicas: number;
      readonly coordinatorShards: number;
      readonly inventoryShards: number;
    }
  | { readonly type: 'running'; readonly port: number }
  | { readonly type: 'kubernetes'; readonly namespace: string; readonly release: string };

export interface FaultRow extends Recovery {
  readonly type: FaultType;
  readonly what: string;
  readonly begun_ms: number;
  readonly victim?: string;
  readonly healed_ms?: number;
  /** Until as much was ready as before. */
  readonly ready_ms?: number;
  readonly error?: string;
}

export interface TypeRow {
  readonly type: FaultType;
  readonly happened: number;
  /** Of those planned: what was to be disturbed wasn't there. */
  readonly skipped: number;
  /** Among those that happened; there is none where things weren't back before the end. */
  readonly median_ms?: number;
  readonly p90_ms?: number;
  readonly max_ms?: number;
  /** From the beginning of a fault until as much was ready as before, where that can be told. */
  readonly readyMedian_ms?: number;
  readonly readyMax_ms?: number;
  readonly notBack: number;
}

export type Told = Pick<Report, 'clean' | 'begun' | 'settings' | 'missing' | 'deaths'>;

export function evaluate({ timeline, summary, settled, verdict }: Experiment, told: Told): Report {
  const recoveries = recoveriesOf(timeline);
  const faults = timeline.faults.map(({ fault, ...times }, index): FaultRow => {
    return { type: fault.type, what: describeFault(fault), ...times, disturbed: false, ...recoveries[index] };
  });
  const oldest = (age: 'oldestOpen_s' | 'oldestPrepared_s') =>
    Math.max(0, ...timeline.backlog.map(({ progress }) => progress?.[age] ?? 0));
  return {
    ...told,
    summary,
    settled,
    verdict,
    baseline: baselineOf(timeline),
    during: latencyDuringFaults(timeline),
    calm_ms: timeline.calm_ms,
    end_ms: timeline.end_ms,
    types: faultTypes.flatMap((type) => typeRow(type, faults)),
    faults,
    oldestOpen_s: oldest('oldestOpen_s'),
    oldestPrepared_s: oldest('oldestPrepared_s'),
    series: seriesOf(timeline),
  };
}

/** From the beginning of the first one to the end of the last one. */
function latencyDuringFaults({ orders, faults, calm_ms, end_ms }: Timeline): Report['during'] {
  const over_ms = Math.max(calm_ms, ...faults.map((fault) => overAt(fault) ?? end_ms));
  const latencies = orders.flatMap(({ scheduled_ms, answered_ms = end_ms }) =>
    scheduled_ms >= calm_ms && scheduled_ms <= over_ms ? answered_ms - scheduled_ms : [],
  );
  return { p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
}

function typeRow(type: FaultType, faults: readonly FaultRow[]): TypeRow[] {
  const all = faults.filter((fault) => fault.type === type);
  if (all.length === 0) return [];
  const happened = all.filter(({ healed_ms }) => healed_ms !== undefined);
  const times = happened.flatMap(({ recovery_ms }) => recovery_ms ?? []);
  const readiness = happened.flatMap(({ begun_ms, ready_ms }) => (ready_ms === undefined ? [] : ready_ms - begun_ms));
  const spread = {
    median_ms: percentile(times, 0.5),
    p90_ms: percentile(times, 0.9),
    max_ms: percentile(times, 1),
  };
  return [
    {
      type,
      happened: happened.length,
      skipped: all.length - happened.length,
      notBack: happened.length - times.length,
      ...(times.length > 0 && spread),
      ...(readiness.length > 0 && {
        readyMedian_ms: percentile(readiness, 0.5),
        readyMax_ms: percentile(readiness, 1),
      }),
    },
  ];
}
