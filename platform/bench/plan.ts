import type { Mode } from '../load/orders.ts';
import type { Measurement } from './closedloop.ts';

/** Spread: any product, any account. Hot: all buy the same product. */
export const scenarios = ['spread', 'hot'] as const;

export type Scenario = (typeof scenarios)[number];

/** Who does the checkouts: the reference, or the platform in a mode. */
export type Subject = 'reference' | Mode;

export interface Cell {
  readonly scenario: Scenario;
  readonly clients: number;
  readonly subject: Subject;
}

export interface Sample extends Cell, Measurement {
  readonly round: number;
}

/** Of a cell, over all rounds. */
export interface Result extends Cell, Measurement {
  /** To the reference of the same round. */
  readonly ratio: number;
}

export interface PlanOptions {
  readonly clients: readonly number[];
  readonly modes: readonly Mode[];
  readonly rounds: number;
}

/** Everything in its turn, round by round: what disturbs the machine for a while disturbs reference and platform alike. */
export function plan({ clients, modes, rounds }: PlanOptions): (Cell & { round: number })[] {
  return scenarios.flatMap((scenario) =>
    clients.flatMap((count) =>
      Array.from({ length: rounds }, (_, round) =>
        (['reference', ...modes] as const).map((subject) => ({ scenario, clients: count, subject, round })),
      ).flat(),
    ),
  );
}

/** Medians over the rounds; a ratio is the median of the rounds' ratios. */
export function evaluate(samples: readonly Sample[]): Result[] {
  const groups = Map.groupBy(samples, ({ scenario, clients, subject }) => `${scenario}/${clients}/${subject}`);
  return Array.from(groups.values(), (group) => {
    const [{ scenario, clients, subject }] = group as [Sample];
    const of = (pick: (sample: Sample) => number) => median(group.map(pick));
    return {
      scenario,
      clients,
      subject,
      perSecond: of(({ perSecond }) => perSecond),
      ratio: of((sample) => sample.perSecond / referenceOf(sample, samples)),
      p50_ms: of(({ p50_ms }) => p50_ms),
      p99_ms: of(({ p99_ms }) => p99_ms),
      rejected: group.reduce((sum, { rejected }) => sum + rejected, 0),
      failed: group.reduce((sum, { failed }) => sum + failed, 0),
      cpu_ms: medians(group.map(({ cpu_ms }) => cpu_ms)),
    };
  });
}

function referenceOf({ scenario, clients, round }: Sample, samples: readonly Sample[]): number {
  const isIt = (other: Sample) =>
    other.subject === 'reference' && other.scenario === scenario && other.clients === clients && other.round === round;
  return samples.find(isIt)?.perSecond ?? Number.NaN;
}

function medians(records: readonly Measurement['cpu_ms'][]): Measurement['cpu_ms'] {
  const known = records.filter((record) => record !== undefined);
  const names = Object.keys(known[0] ?? {});
  return names.length === 0
    ? undefined
    : Object.fromEntries(names.map((name) => [name, median(known.map((record) => record[name] ?? 0))]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
