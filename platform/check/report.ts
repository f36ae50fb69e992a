import { styleText } from 'node:util';
import type { Finding, Violation } from './finding.ts';
import type { Verdict } from './judge.ts';
import type { Look } from './verify.ts';

const rowsShown = 10;

/** What was looked at and what was found, for people. */
export function describeVerdict({ violations, shortfall }: Verdict, { counts, operations, findings }: Look): string {
  const broken = findings.filter((finding) => finding.violations.length > 0).length;
  return [
    `Looked at ${describeCounts(counts)}.`,
    ...(Object.keys(operations).length > 0 ? [`In the history: ${describeCounts(operations)}.`] : []),
    '',
    ...findings.map(describeFinding),
    '',
    ...(broken > 0 ? [`${broken} of ${findings.length} invariants are broken.`] : []),
    ...(shortfall === undefined ? [] : [`Not enough to judge, so this proves nothing: ${shortfall}.`]),
    ...(violations.length === 0 && shortfall === undefined ? [`All ${findings.length} invariants hold.`] : []),
  ].join('\n');
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function describeFinding({ invariant, looked, violations }: Finding): string {
  const { name, explanation, of } = invariant;
  const paint = (format: 'green' | 'red', text: string) => styleText(format, text, { stream: process.stdout });
  if (violations.length === 0) return `  ${paint('green', '✓')} ${name} (${looked} ${of.replace('_', ' ')})`;
  const more = violations.length > rowsShown ? [`      … ${violations.length - rowsShown} more`] : [];
  const shown = violations.slice(0, rowsShown).map(describeViolation);
  return [`  ${paint('red', '✗')} ${name}: ${explanation}. Not so for`, ...shown, ...more].join('\n');
}

function describeViolation({ subject, lines, ...details }: Violation): string {
  const parts = Object.entries(details).map(([name, value]) => `${name} ${value === null ? '–' : text(value)}`);
  const where = Array.isArray(lines) && lines.length > 0 ? ` (${lines.join(', ')})` : '';
  return `      ${subject}: ${parts.join(', ')}${where}`;
}

/** Intervals come as objects that know how to print themselves. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'toPostgres' in value && typeof value.toPostgres === 'function' ? value.toPostgres() : JSON.stringify(value);
}
