import { styleText } from 'node:util';
import type { Finding, Look, Violation } from './verify.ts';

const rowsShown = 10;

/** What was looked at and what was found, for people. */
export function describeLook({ counts, findings }: Look): string {
  const tables = Object.entries(counts).map(([table, rows]) => `${rows} ${table.replace('_', ' ')}`);
  const broken = findings.filter(({ violations }) => violations.length > 0);
  return [
    `Looked at ${tables.join(', ')}.`,
    '',
    ...findings.map(describeFinding),
    '',
    verdict(counts, broken.length, findings.length),
  ].join('\n');
}

function verdict(counts: Look['counts'], broken: number, all: number): string {
  if (broken > 0) return `${broken} of ${all} invariants are broken.`;
  if (!counts.orders || !counts.transactions)
    return 'Nothing to check: no order was ever placed, so this proves nothing.';
  return `All ${all} invariants hold.`;
}

function describeFinding({ invariant, looked, violations }: Finding): string {
  const { name, explanation, of } = invariant;
  const paint = (format: 'green' | 'red', text: string) => styleText(format, text, { stream: process.stdout });
  if (violations.length === 0) return `  ${paint('green', '✓')} ${name} (${looked} ${of.replace('_', ' ')})`;
  const more = violations.length > rowsShown ? [`      … ${violations.length - rowsShown} more`] : [];
  const shown = violations.slice(0, rowsShown).map(describeViolation);
  return [`  ${paint('red', '✗')} ${name}: ${explanation}. Not so for`, ...shown, ...more].join('\n');
}

function describeViolation({ subject, ...details }: Violation): string {
  const parts = Object.entries(details).map(([name, value]) => `${name} ${value === null ? '–' : text(value)}`);
  return `      ${subject}: ${parts.join(', ')}`;
}

/** Intervals come as objects that know how to print themselves. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'toPostgres' in value && typeof value.toPostgres === 'function' ? value.toPostgres() : JSON.stringify(value);
}
