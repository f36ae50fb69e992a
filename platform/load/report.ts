import type { Latency, Summary } from './tally.ts';

export interface Report extends Summary {
  readonly mode: string;
  /** Asked for, per second. */
  readonly rate: number;
  readonly seconds: number;
}

export function describeReport(report: Report): string {
  const { orders, seconds, mode, rate, latency_ms } = report;
  const outcomes = (['confirmed', 'rejected', 'failed', 'unanswered'] as const).map((name) =>
    count(name, report[name]),
  );
  const reasons = Object.entries(report.reasons).map(([reason, times]) => `    ${times} × ${reason}`);
  return [
    `${orders} orders in ${seconds.toFixed(1)} s: ${(orders / seconds).toFixed(1)}/s of the ${rate}/s asked for, mode ${mode}`,
    ...outcomes,
    ...reasons,
    `${count('sent again', report.retriedOrders)} (${report.retries} times)`,
    describeFailures(report),
    `  latency     ${describeLatency(latency_ms)}, from when each should have been sent`,
  ].join('\n');
}

/** What clients see of failures: those who send an order again under its key, as these did, and those who don't. */
export function describeFailures({ orders, failed, unanswered, failedAtFirst }: Summary): string {
  return `  failures    ${shareOf(failed + unanswered, orders)} after retries, ${shareOf(failedAtFirst, orders)} without any`;
}

function shareOf(part: number, whole: number): string {
  return `${part} (${((100 * part) / Math.max(1, whole)).toFixed(3)} %)`;
}

export function describeLatency({ p50, p90, p99, p999, max }: Latency): string {
  const parts = Object.entries({ p50, p90, p99, 'p99.9': p999, max });
  return parts.map(([name, value_ms]) => `${name} ${value_ms.toFixed(1)} ms`).join(', ');
}

function count(name: string, value: number): string {
  return `  ${name.padEnd(10)}  ${value}`;
}
