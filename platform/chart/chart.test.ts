import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawFigure, type Panel } from './figure.ts';
import { linePath } from './paths.ts';
import { compact, ticks } from './ticks.ts';

describe('the marks of a scale', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 20 });

  test('are few, in order, and around all values', () => {
    fc.assert(
      fc.property(fc.constantFrom('linear', 'logarithmic'), values, (scale, some) => {
        const marks = ticks(scale, some);
        expect(marks.length).toBeGreaterThanOrEqual(2);
        expect(marks.length).toBeLessThanOrEqual(12);
        expect(marks).toEqual(marks.toSorted((a, b) => a - b));
        expect(marks[0]).toBeLessThanOrEqual(Math.min(...some));
        expect(marks.at(-1)).toBeGreaterThanOrEqual(Math.max(...some) * (1 - 1e-9));
      }),
      { examples: [['logarithmic', [9_999_999.976974137]]] },
    );
  });

  test('are there also when there is nothing to show', () => {
    expect(ticks('linear', [])).toHaveLength(2);
    expect(ticks('logarithmic', [NaN])).toHaveLength(2);
  });

  test('are short', () => {
    expect([0, 0.25, 1000, 25_000, 1_234_567].map(compact)).toEqual(['0', '0.25', '1000', '25k', '1230k']);
  });
});

test('a line has a gap where there is nothing', () => {
  expect(
    linePath([
      [0, 1],
      [1, 2],
      [2, undefined],
      [3, 4],
    ]),
  ).toBe('M0.0 1.0L1.0 2.0M3.0 4.0');
});

test('a figure is complete in itself, says in words what it shows, and takes text as text', () => {
  const panels: Panel[] = [
    {
      type: 'lines',
      title: 'p99 <of> "all"',
      unit: 'ms',
      across: 'seconds',
      scale: 'logarithmic',
      series: [
        {
          name: 'one',
          points: [
            [0, 5],
            [1, undefined],
            [2, 500],
          ],
        },
        { name: 'two', points: [[0, 0.5]] },
      ],
      marks: [{ at: 1, text: 'killed' }],
      bound: { value: 20, text: 'bound' },
    },
    { type: 'lines', title: 'Empty', unit: '', across: 's', scale: 'linear', series: [{ name: 'none', points: [] }] },
    {
      type: 'bars',
      title: 'Bars',
      unit: '',
      scale: 'linear',
      bars: [
        { name: 'a & b', value: 1 },
        { name: 'nothing', value: NaN },
      ],
      bound: { value: 2, text: 'two' },
    },
  ];
  const svg = drawFigure('A <title>', 'what is to be seen', panels);
  expect(svg).toMatch(/^<svg xmlns=/);
  expect(svg).toContain('<title id="title">A &lt;title&gt;</title><desc id="about">what is to be seen</desc>');
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<of>|href|<script/);
  for (const tag of ['svg', 'text', 'title', 'desc', 'style']) {
    const count = (pattern: string) => svg.match(new RegExp(pattern, 'g'))?.length;
    expect(count(`<${tag}[ >]`)).toBe(count(`</${tag}>`));
  }
});
