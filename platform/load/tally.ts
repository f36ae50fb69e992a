import { build, type Histogram } from 'hdr-histogram-js';
import type { Outcome, Placed } from './customer.ts';

/** What became of the orders so far. */
export interface Tally {
  add(placed: Placed, latency_ms: number): void;
  summary(): Summary;
}

export interface Summary {
  readonly orders: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly unanswered: number;
  /** Sent again: how many orders, and how often in all. */
  readonly retriedOrders: number;
  readonly retries: number;
  /** Orders whose first sending came to nothing: what would have failed for those who never send again. */
  readonly failedAtFirst: number;
  /** Why they were rejected, failed or not answered. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly latency_ms: Latency;
}

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const microseconds = 1000;

export function createTally(): Tally {
  const histogram = openHistogram();
  const outcomes = { confirmed: 0, rejected: 0, failed: 0, unanswered: 0 };
  const counts = { orders: 0, ...outcomes, retriedOrders: 0, retries: 0, failedAtFirst: 0 };
  const reasons: Record<string, number> = {};
  return {
    add({ outcome, retries }, latency_ms) {
      record(histogram, latency_ms);
      counts.orders += 1;
      counts[outcome.type] += 1;
      counts.retries += retries;
      if (retries > 0) counts.retriedOrders += 1;
      if (retries > 0 || isFailure(outcome)) counts.failedAtFirst += 1;
      if (outcome.type !== 'confirmed') reasons[outcome.reason] = (reasons[outcome.reason] ?? 0) + 1;
    },
    summary: () => ({ ...counts, reasons: { ...reasons }, latency_ms: latencyOf(histogram) }),
  };
}

function isFailure({ type }: Outcome): boolean {
  return type === 'failed' || type === 'unanswered';
}

/** Of latencies, exact to three digits. */
export function openHistogram(): Histogram {
  return build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
}

export function record(histogram: Histogram, latency_ms: number): void {
  histogram.recordValue(Math.round(latency_ms * microseconds));
}

export function latencyOf(histogram: Histogram): Latency {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / microseconds;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue / microseconds };
}
