// What was to be seen of the faults, each quantity in a frame of its own over the same time.
import { duration } from '../../chart/markup.ts';
import { linePath } from '../../chart/paths.ts';
import { type Frame, grid, linear, logarithmic, type Scale } from '../../chart/scales.ts';
import type { Point, Series } from './series.ts';

export function drawThroughput(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1, ...points.map(({ confirmed, rejected }) => confirmed + rejected));
  const y = linear(0, most, frame.top + frame.height, frame.top);
  const all = area(points, x, y, step_ms, ({ confirmed, rejected }) => confirmed + rejected);
  const confirmed = area(points, x, y, step_ms, (point) => point.confirmed);
  return [
    label(frame, 'Orders answered per second', ['confirmed', 'rejected']),
    grid(frame, y, [0, most / 2, most].map(Math.round)),
    `<path class="rejected" d="${all}"/><path class="confirmed" d="${confirmed}"/>`,
  ].join('\n');
}

export function drawErrors(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1, ...points.map(({ errors }) => errors));
  const y = linear(0, most, frame.top + frame.height, frame.top);
  return [
    label(frame, 'Attempts that came to nothing, per second'),
    grid(frame, y, [0, Math.round(most)]),
    `<path class="errors" d="${area(points, x, y, step_ms, ({ errors }) => errors)}"/>`,
  ].join('\n');
}

export function drawLatency(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1000, ...points.map(({ p99_ms = 0 }) => p99_ms));
  const y = logarithmic(10, most, frame.top + frame.height, frame.top);
  const marks = [10, 100, 1000, 10_000, 100_000].filter((mark) => mark <= most);
  return [
    label(frame, 'Latency, from when an order should have been sent', ['p50', 'p99']),
    grid(frame, y, marks, duration),
    `<path class="p99" d="${line(points, x, y, step_ms, ({ p99_ms }) => p99_ms)}"/>`,
    `<path class="p50" d="${line(points, x, y, step_ms, ({ p50_ms }) => p50_ms)}"/>`,
  ].join('\n');
}

export function drawOpen(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1, ...points.map(({ open = 0 }) => open));
  const y = linear(0, most, frame.top + frame.height, frame.top);
  return [
    label(frame, 'Transactions under way (a gap: the databases could not be asked)'),
    grid(frame, y, [0, most]),
    `<path class="open" d="${line(points, x, y, step_ms, ({ open }) => open)}"/>`,
  ].join('\n');
}

/** The name of a frame, above it, and what its colours mean. */
export function label({ top, left: at }: Frame, text: string, legend: readonly string[] = []): string {
  const keys = legend
    .map((name) => `<tspan class="key ${name}" dx="12">■</tspan><tspan dx="4">${name}</tspan>`)
    .join('');
  return `<text class="label" x="${at}" y="${top - 8}">${text}${keys}</text>`;
}

type Value = (point: Point) => number | undefined;

/** A line through the middles of the steps, with gaps where there is nothing. */
function line(points: readonly Point[], x: Scale, y: Scale, step_ms: number, value: Value): string {
  return linePath(
    points.map((point, index) => {
      const here = value(point);
      return [x((index + 0.5) * step_ms), here === undefined ? undefined : y(here)];
    }),
  );
}

function area(points: readonly Point[], x: Scale, y: Scale, step_ms: number, value: (point: Point) => number): string {
  const steps = points.map((point, index) => `V${y(value(point)).toFixed(1)}H${x((index + 1) * step_ms).toFixed(1)}`);
  return `M${x(0).toFixed(1)} ${y(0).toFixed(1)}${steps.join('')}V${y(0).toFixed(1)}Z`;
}
