import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { atLeast, atMost, describeClaim, figure, holds } from './claim.ts';
import { describeReport, isProved, type Report, writeReport } from './pages.ts';
import { toMarkdown, toText } from './table.ts';

describe('a claim', () => {
  test('holds up to its bound', () => {
    expect([
      holds(atMost(2, 2, '')),
      holds(atMost(2, 2.01, '')),
      holds(atLeast(10, 10, '')),
      holds(atLeast(10, 9, '')),
    ]).toEqual([true, false, true, false]);
  });

  test('about what could not be measured never holds', () => {
    expect([holds(atMost(2, NaN, '')), holds(atLeast(2, NaN, '')), holds(atMost(2, Infinity, ''))]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('is said in words', () => {
    expect(describeClaim(atMost(5, 1.2345, 'until it is back', 's'))).toBe('until it is back: 1.23 s (at most 5 s)');
    expect(describeClaim(atLeast(10, 12.5, 'times'))).toBe('times: 12.5 (at least 10)');
  });
});

test('numbers have three digits', () => {
  expect([0, 7, 0.012345, 12.345, 123.45, 12345.6, NaN].map(figure)).toEqual([
    '0',
    '7',
    '0.0123',
    '12.3',
    '123',
    '12346',
    '–',
  ]);
});

const table = {
  title: 'Calls',
  columns: ['', 'p99', 'failed'],
  rows: [
    ['a|b', 1.2345, 'none'],
    ['c', 120, '2 UNAVAILABLE'],
  ],
};

test('a table is aligned in text, and escaped in Markdown', () => {
  expect(toText(table)).toBe('Calls\n        p99  failed\n  a|b  1.23  none\n  c     120  2 UNAVAILABLE');
  expect(toMarkdown(table)).toBe(
    '**Calls**\n\n|  | p99 | failed |\n| --- | --: | --- |\n| a\\|b | 1.23 | none |\n| c | 120 | 2 UNAVAILABLE |',
  );
});

describe('a report', () => {
  const report = (measured: number): Report => ({
    experiment: {
      name: 'try',
      title: 'A try',
      about: 'What is done.',
      usual: { rate: 1, duration_s: 1 },
      run: () => Promise.reject(new Error('not run')),
    },
    settings: { rate: 100, duration_s: 5, seed: 7 },
    findings: {
      claims: [atMost(2, measured, 'it is small')],
      tables: [table],
      panels: [{ type: 'bars', title: 'Bars', unit: 'ms', scale: 'linear', bars: [{ name: 'one', value: 3 }] }],
    },
    machine: { cores: 2 },
  });

  test('is proved when all claims hold, and not by having none', () => {
    expect([isProved(report(1)), isProved(report(3))]).toEqual([true, false]);
    expect(isProved({ ...report(1), findings: { ...report(1).findings, claims: [] } })).toBe(false);
  });

  test('is written as a picture, all numbers, and a page', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pages-'));
    writeReport(directory, report(3));
    const [svg, json, page] = ['svg', 'json', 'md'].map((type) => readFileSync(join(directory, `try.${type}`), 'utf8'));
    rmSync(directory, { recursive: true });
    expect(svg).toContain('A try');
    expect(JSON.parse(json ?? '')).toMatchObject({ proved: false, claims: [{ measured: 3, holds: false }] });
    expect(page).toContain('- ✗ it is small: 3 (at most 2)');
    expect(page).toContain('pnpm experiment try --rate 100 --duration 5 --seed 7');
    expect(describeReport(report(1), (isGood) => (isGood ? 'yes' : 'no'))).toContain('yes it is small');
  });
});
