import { duration, escapeText } from '../../chart/markup.ts';
import { drawChart } from './chart.ts';
import { commandOf } from './command.ts';
import type { Report } from './report.ts';
import { style } from './style.ts';
import { deathTable, faultTable, typeTable, violationTable } from './tables.ts';

/** One page with everything in it. */
export function toHtml(report: Report): string {
  const { clean, begun, settings, verdict } = report;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chaos, seed ${settings.seed}: ${clean ? 'clean' : 'not clean'}</title>
<style>${style}</style>
<h1>Chaos <span class="verdict ${clean ? 'good' : 'bad'}">${clean ? 'Clean' : 'Not clean'}</span></h1>
<p class="soft">${escapeText(begun.slice(0, 16).replace('T', ' '))} UTC, seed ${settings.seed}; the same faults again:</p>
<p><code>${escapeText(commandOf(settings))}</code></p>
${tiles(report)}
<div class="scroll">${drawChart(report)}</div>
<p class="soft">A fault's bar is as long as the fault; the thin one behind it is the time until nothing was to be seen of it: nothing
of before its healing unfinished, and for a second at least 80 % of the throughput of before all faults
(${report.baseline.throughput.toFixed(1)}/s), at twice the latency at most (p90 ${duration(report.baseline.p90_ms)}, and 50 ms more).</p>
<h2>By type of fault</h2>
${typeTable(report)}
<h2>What the checker says</h2>
${verdictList(report)}
${verdict.violations.length > 0 ? violationTable(report) : ''}
<h2>Each fault</h2>
<details${report.faults.length <= 40 ? ' open' : ''}><summary>${report.faults.length} faults</summary>${faultTable(report)}</details>
${report.deaths.length > 0 ? deathTable(report) : ''}
</html>
`;
}

function tiles({ settings, summary, faults, during, settled, verdict, oldestPrepared_s, series }: Report): string {
  const share = summary.orders > 0 ? (100 * summary.confirmed) / summary.orders : 0;
  const left = settled.orders + settled.transactions;
  const silent = series.points.filter(({ confirmed }) => confirmed === 0).length * series.step_ms;
  const tile = (value: string | number, text: string, isBad = false) =>
    `<div class="tile${isBad ? ' bad' : ''}"><b>${value}</b><span>${text}</span></div>`;
  return `<div class="tiles">${[
    tile(faults.filter(({ healed_ms }) => healed_ms !== undefined).length, 'faults'),
    tile(summary.orders, `orders, ${share.toFixed(1)} % confirmed`),
    tile(
      summary.failed + summary.unanswered,
      `failed or never answered; ${percent(summary.failedAtFirst, summary.orders)} without sending them again`,
      summary.failed + summary.unanswered > 0,
    ),
    tile(verdict.violations.length, 'violations', verdict.violations.length > 0),
    tile(left, `unfinished ${settings.settled_s} s after the last fault`, left > 0),
    tile(
      settled.prepared,
      `in doubt for ${settings.settled_s} s then (worst on the way: ${oldestPrepared_s.toFixed(1)} s)`,
      settled.prepared > 0,
    ),
    tile(duration(during.p50_ms), `latency p50 during the faults; p99 ${duration(during.p99_ms)}`),
    tile(duration(silent), 'without a confirmed order, in all'),
  ].join('')}</div>`;
}

/** Two digits that count, also of few among many. */
function percent(count: number, of: number): string {
  const share = of > 0 ? (100 * count) / of : 0;
  return `${share > 0 && share < 0.1 ? share.toPrecision(2) : share.toFixed(1)} %`;
}

function verdictList({ settings, settled, verdict, summary }: Report): string {
  const line = (isGood: boolean, text: string) =>
    `<p><span class="${isGood ? 'good-text' : 'bad-text'}">${isGood ? '✓' : '✗'}</span> ${escapeText(text)}</p>`;
  const counts = Object.entries(verdict.counts).map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`);
  const reasons = Object.entries(summary.reasons).map(([reason, count]) => `${count} × ${reason}`);
  return [
    line(verdict.violations.length === 0, `${verdict.violations.length} violations`),
    line(
      verdict.enough,
      verdict.enough
        ? 'Enough succeeded for that to mean something'
        : `Too little succeeded: ${verdict.shortfall ?? ''}`,
    ),
    line(settled.orders === 0, `${settled.orders} orders not answered ${settings.settled_s} s after the last fault`),
    line(settled.transactions === 0, `${settled.transactions} transactions of before open then`),
    line(settled.prepared === 0, `${settled.prepared} rows in pg_prepared_xacts older than ${settings.settled_s} s`),
    `<p class="soft">Looked at ${escapeText(counts.join(', '))}.</p>`,
    reasons.length > 0 ? `<p class="soft">Not confirmed: ${escapeText(reasons.join(', '))}.</p>` : '',
  ].join('\n');
}
