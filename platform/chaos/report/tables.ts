import { clock, duration, escapeText } from '../../chart/markup.ts';
import type { FaultRow, Report, TypeRow } from './report.ts';

export function typeTable({ types, missing }: Report): string {
  const row = ({
    type,
    happened,
    skipped,
    median_ms,
    p90_ms,
    max_ms,
    readyMedian_ms,
    readyMax_ms,
    notBack,
  }: TypeRow) => {
    const times = [median_ms, p90_ms, max_ms, readyMedian_ms, readyMax_ms].map((ms) =>
      cell(ms === undefined ? '–' : duration(ms)),
    );
    return `<tr><td><span class="dot ${type}"></span>${type}</td>${cell(happened)}${times.join('')}${cell(notBack || '')}${cell(skipped || '')}</tr>`;
  };
  const absent = Object.entries(missing).map(
    ([type, why]) => `<tr><td>${type}</td><td colspan="8">not done: ${escapeText(why)}</td></tr>`,
  );
  return table(
    [
      'Fault',
      '#Happened',
      '#Recovery, median',
      '#90 %',
      '#Longest',
      '#Ready again, median',
      '#Longest',
      '#Not back before the end',
      '#Skipped',
    ],
    [...types.map(row), ...absent],
  );
}

export function violationTable({ verdict }: Report): string {
  const rows = verdict.violations.slice(0, 200).map(({ invariant, subject, seen, expected, lines }) => {
    const cells = [invariant, subject, seen, expected, lines.join(' ')];
    return `<tr>${cells.map((text) => `<td>${escapeText(text)}</td>`).join('')}</tr>`;
  });
  return table(['Invariant', 'Subject', 'Seen', 'Expected', 'Lines'], rows);
}

export function faultTable({ faults }: Report): string {
  const row = ({ type, what, victim, begun_ms, healed_ms, ready_ms, recovery_ms, disturbed, error }: FaultRow) => {
    const length = healed_ms === undefined || healed_ms === begun_ms ? '' : duration(healed_ms - begun_ms);
    const back = recovery_ms === undefined ? '–' : duration(recovery_ms);
    const ready = ready_ms === undefined ? '' : duration(ready_ms - begun_ms);
    const note = error ?? (disturbed ? 'others meanwhile' : '');
    const whom = victim === undefined ? '' : ` <span class="soft">${escapeText(victim)}</span>`;
    return `<tr>${cell(clock(begun_ms))}<td><span class="dot ${type}"></span>${escapeText(what)}${whom}</td>${cell(length)}${cell(ready)}${cell(back)}<td class="soft">${escapeText(note)}</td></tr>`;
  };
  return table(['#At', 'Fault', '#Lasted', '#Ready again', '#Recovery', ''], faults.map(row));
}

export function deathTable({ deaths }: Report): string {
  const counts = Map.groupBy(
    deaths,
    ({ replica, cause }) => `<td>${escapeText(replica)}</td><td>${escapeText(cause)}</td>`,
  );
  const rows = [...counts].map(([cells, all]) => `<tr>${cells}${cell(all.length)}</tr>`);
  return `<h2>Processes that ended</h2>${table(['Process', 'How', '#Times'], rows.sort())}`;
}

/** A column whose name begins with # holds numbers. */
function table(columns: readonly string[], rows: readonly string[]): string {
  const heads = columns.map((name) =>
    name.startsWith('#') ? `<th class="n">${name.slice(1)}</th>` : `<th>${name}</th>`,
  );
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function cell(content: string | number): string {
  return `<td class="n">${content}</td>`;
}
