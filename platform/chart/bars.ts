import type { Bars } from './figure.ts';
import { escapeText } from './markup.ts';
import { type Frame, linear, logarithmic } from './scales.ts';
import { compact, ticks } from './ticks.ts';

/** Room for the names, and for a number behind the longest bar. */
const nameWidth = 170;
const valueWidth = 70;

/** Bars from left to right, each with its number. */
export function drawBars({ title, unit, scale, bars, bound }: Bars, { top, height, left, right }: Frame): string {
  const from = Math.max(left, nameWidth);
  const marked = ticks(scale, [...bars.map(({ value }) => value), ...(bound ? [bound.value] : [])]);
  const x = (scale === 'linear' ? linear : logarithmic)(marked[0]!, marked.at(-1)!, from, right - valueWidth);
  const step = height / bars.length;
  return [
    `<text class="label" x="16" y="${top - 12}">${escapeText(title)}${unit === '' ? '' : `, ${escapeText(unit)}`}</text>`,
    ...bars.map(({ name, value }, index) => {
      const y = top + index * step;
      // What could not be measured has no bar.
      const end = Number.isFinite(value) ? x(value) : from;
      return [
        `<text class="tick value" x="${from - 8}" y="${y + step / 2 + 4}">${escapeText(name)}</text>`,
        `<rect class="bar s${index % 5}" x="${from}" y="${y + 3}" width="${Math.max(1, end - from).toFixed(1)}" height="${step - 6}" rx="2"/>`,
        `<text class="value" x="${(Math.max(end, from) + 6).toFixed(1)}" y="${y + step / 2 + 4}">${Number.isFinite(value) ? compact(value) : '–'}</text>`,
      ].join('');
    }),
    bound
      ? `<line class="bound" x1="${x(bound.value).toFixed(1)}" x2="${x(bound.value).toFixed(1)}" y1="${top - 4}" y2="${top + height + 4}"/><text class="time" x="${x(bound.value).toFixed(1)}" y="${top + height + 18}">${escapeText(bound.text)}</text>`
      : '',
  ].join('\n');
}
