import { styleText } from 'node:util';
import { describeFailures, describeLatency } from '../../load/report.ts';
import type { Report, TypeRow } from './report.ts';

const violationsShown = 10;

/** What came of it, for people. */
export function describeChaos(report: Report, directory: string): string {
  const { summary, during, settings, settled, verdict, end_ms } = report;
  const { orders, confirmed, rejected, failed, unanswered, retries, latency_ms } = summary;
  const lines = [
    '',
    `${report.faults.length} faults in ${settings.duration_s} s, seed ${settings.seed}; ${orders} orders in ${(end_ms / 1000).toFixed(0)} s`,
    `  confirmed ${confirmed}, rejected ${rejected}, failed ${failed}, unanswered ${unanswered}; ${retries} attempts came to nothing`,
    describeFailures(summary),
    `  latency ${describeLatency(latency_ms)}`,
    `  of orders during the faults p50 ${during.p50_ms.toFixed(1)} ms, p99 ${during.p99_ms.toFixed(1)} ms`,
    '',
    `  ${'fault'.padEnd(15)} ${'happened'.padStart(8)} ${'recovery p50'.padStart(13)} ${'p90'.padStart(8)} ${'max'.padStart(8)}`,
    ...report.types.map(describeType),
    ...Object.entries(report.missing).map(([type, why]) => `  ${type.padEnd(15)} not done: ${why}`),
    '',
    `${settings.settled_s} s after the last fault:`,
    `  ${mark(settled.orders === 0)} ${settled.orders} orders of before are not answered`,
    `  ${mark(settled.transactions === 0)} ${settled.transactions} transactions of before are open`,
    `  ${mark(settled.prepared === 0)} ${settled.prepared} rows in pg_prepared_xacts are older than ${settings.settled_s} s`,
    `  ${mark(verdict.violations.length === 0)} ${verdict.violations.length} violations found by the checker`,
    ...verdict.violations.slice(0, violationsShown).map((one) => `      ${one.invariant}: ${one.subject}: ${one.seen}`),
    `  ${mark(verdict.enough)} ${verdict.enough ? 'enough succeeded' : `too little succeeded: ${verdict.shortfall ?? ''}`}`,
    '',
    `${report.clean ? styleText('green', 'Clean.') : styleText('red', 'Not clean.')} ${directory}/report.html`,
    '',
  ];
  return lines.join('\n');
}

function describeType({ type, happened, median_ms, p90_ms, max_ms, readyMax_ms, notBack, skipped }: TypeRow): string {
  const time = (ms: number | undefined) => (ms === undefined ? '–' : seconds(ms)).padStart(8);
  const notes = [
    ...(readyMax_ms === undefined ? [] : [`ready again within ${seconds(readyMax_ms)}`]),
    ...(notBack > 0 ? [`${notBack} not back before the end`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `  ${type.padEnd(15)} ${String(happened).padStart(8)} ${time(median_ms).padStart(13)} ${time(p90_ms)} ${time(max_ms)}  ${notes.join(', ')}`;
}

function mark(isGood: boolean): string {
  return isGood ? styleText('green', '✓') : styleText('red', '✗');
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
