// Tables for the terminal and for Markdown.
import { figure } from './claim.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells as there are columns. Numbers get three digits. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Numbers at the right, columns as wide as it takes. */
export function toText({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(text))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const isNumber = columns.map((_, index) => rows.every((row) => typeof row[index] === 'number'));
  const line = (row: readonly string[]) =>
    row.map((cell, index) => (isNumber[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)));
  return [title, ...cells.map((row) => `  ${line(row).join('  ')}`.trimEnd())].join('\n');
}

export function toMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const sides = columns.map((_, index) => (rows.every((row) => typeof row[index] === 'number') ? '--:' : '---'));
  const body = rows.map((row) => line(row.map((cell) => text(cell).replaceAll('|', '\\|'))));
  return [`**${title}**`, '', line(columns), line(sides), ...body].join('\n');
}

function text(cell: string | number): string {
  return typeof cell === 'number' ? figure(cell) : cell;
}
