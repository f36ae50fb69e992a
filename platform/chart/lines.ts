import type { Lines, Point } from './figure.ts';
import { escapeText } from './markup.ts';
import { linePath } from './paths.ts';
import { type Frame, grid, linear, logarithmic, type Scale } from './scales.ts';
import { compact, ticks } from './ticks.ts';

/** Values over a common axis. */
export function drawLines({ title, unit, across, scale, series, marks = [], bound }: Lines, frame: Frame): string {
  const { top, height, left, right } = frame;
  const bottom = top + height;
  const points = series.flatMap((one) => one.points);
  const values = [...points.flatMap(([, y]) => y ?? []), ...(bound ? [bound.value] : [])];
  const [first, last] = extent(points.map(([at]) => at));
  const x = linear(first, last, left, right);
  const marked = ticks(scale, values);
  const y = (scale === 'linear' ? linear : logarithmic)(marked[0]!, marked.at(-1)!, bottom, top);
  return [
    `<text class="label" x="16" y="${top - 12}">${escapeText(title)}${unit === '' ? '' : `, ${escapeText(unit)}`}</text>`,
    drawKeys(series, frame),
    grid(frame, y, marked, compact),
    drawAxis(x, first, last, bottom, across, right),
    ...marks.map(({ at, text }, index) => {
      const here = x(at).toFixed(1);
      return `<line class="mark" x1="${here}" x2="${here}" y1="${top}" y2="${bottom}"/><text x="${Number(here) + 4}" y="${top + 12 + 13 * (index % 3)}">${escapeText(text)}</text>`;
    }),
    bound ? drawBound(y(bound.value), bound.text, frame) : '',
    ...series.map((one, index) => `<path class="s${index}" d="${path(one.points, x, y)}"/>`),
  ].join('\n');
}

function path(points: readonly Point[], x: Scale, y: Scale): string {
  return linePath(points.map(([at, value = NaN]) => [x(at), Number.isFinite(value) ? y(value) : undefined]));
}

/** What the lines mean, at the right of the title. */
function drawKeys(series: Lines['series'], { top, right }: Frame): string {
  if (series.length < 2) return '';
  let end = right;
  const keys = series.toReversed().map(({ name }, index) => {
    const number = series.length - 1 - index;
    const from = end - name.length * 6.4;
    end = from - 44;
    return `<path class="s${number}" d="M${(from - 26).toFixed(1)} ${top - 16}h20"/><text x="${from.toFixed(1)}" y="${top - 12}">${escapeText(name)}</text>`;
  });
  return keys.join('');
}

function drawAxis(x: Scale, first: number, last: number, bottom: number, across: string, right: number): string {
  const places = ticks('linear', [first, last]).filter((value) => value >= first && value <= last);
  const parts = places.map((value) => {
    const at = x(value).toFixed(1);
    return `<line class="grid" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 4}"/><text class="time" x="${at}" y="${bottom + 17}">${compact(value)}</text>`;
  });
  return `${parts.join('')}<text class="across" x="${right}" y="${bottom + 31}">${escapeText(across)}</text>`;
}

function drawBound(y: number, text: string, { left, right }: Frame): string {
  const at = y.toFixed(1);
  return `<line class="bound" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text class="bound-text" x="${right}" y="${Number(at) - 4}">${escapeText(text)}</text>`;
}

function extent(values: readonly number[]): [number, number] {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least < most ? [least, most] : [least, least + 1];
}
