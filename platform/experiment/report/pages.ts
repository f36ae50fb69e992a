// What is written about an experiment: a picture, all numbers, and a page for people.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawFigure } from '../../chart/figure.ts';
import type { Experiment, Findings, Settings } from '../experiment.ts';
import { describeClaim, holds } from './claim.ts';
import { toMarkdown, toText } from './table.ts';

export interface Report {
  readonly experiment: Experiment;
  readonly settings: Settings & { readonly seed: number };
  readonly findings: Findings;
  /** Where and when. */
  readonly machine: Readonly<Record<string, string | number>>;
}

export function isProved({ findings }: Report): boolean {
  return findings.claims.length > 0 && findings.claims.every(holds);
}

/** Writes NAME.svg, NAME.json and NAME.md. */
export function writeReport(directory: string, report: Report): void {
  const { experiment, settings, findings, machine } = report;
  const { name, title } = experiment;
  mkdirSync(directory, { recursive: true });
  const path = (extension: string) => join(directory, `${name}.${extension}`);
  writeFileSync(path('svg'), drawFigure(title, summaryOf(findings), findings.panels));
  const claims = findings.claims.map((claim) => ({ ...claim, holds: holds(claim) }));
  const all = { name, title, proved: isProved(report), settings, machine, ...findings, claims };
  writeFileSync(path('json'), `${JSON.stringify(all, undefined, 1)}\n`);
  writeFileSync(path('md'), pageOf(report));
}

/** For the terminal; `mark` says how a sign is shown. */
export function describeReport({ findings }: Report, mark: (isGood: boolean) => string): string {
  const claims = findings.claims.map((claim) => `  ${mark(holds(claim))} ${describeClaim(claim)}`);
  return ['', ...findings.tables.map((table) => `${toText(table)}\n`), ...claims, ''].join('\n');
}

function pageOf({ experiment, settings, findings, machine }: Report): string {
  const { name, title, about } = experiment;
  const { rate, duration_s, seed } = settings;
  const command = `pnpm experiment ${name}${rate > 0 ? ` --rate ${rate}` : ''} --duration ${duration_s} --seed ${seed}`;
  return `# ${name}

${title}

${about}

![${summaryOf(findings)}](${name}.svg)

${findings.claims.map((claim) => `- ${holds(claim) ? '✓' : '✗'} ${describeClaim(claim)}`).join('\n')}

${findings.tables.map(toMarkdown).join('\n\n')}
${(findings.notes ?? []).map((note) => `\n${note}\n`).join('')}
Made by \`${command}\`; all processes share one machine:
${Object.entries(machine)
  .map(([key, value]) => `${key.replaceAll('_', ' ')} ${value}`)
  .join(', ')}. The numbers behind the picture are in [${name}.json](${name}.json).
`;
}

/** In words, for who doesn't see the picture. */
function summaryOf({ claims }: Findings): string {
  return claims.map(describeClaim).join('; ');
}
