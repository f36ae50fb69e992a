// One picture over time: the faults in lanes, and below what was to be seen of them.
import { faultTypes } from '../faults.ts';
import { clock, duration, escapeText } from './markup.ts';
import type { FaultRow, Report } from './report.ts';
import { axis, type Frame, grid, linear, logarithmic, type Scale } from './scales.ts';
import type { Point, Series } from './series.ts';

const left = 64;
const right = 16;
const laneHeight = 16;
const gap = 30;
/** Longer runs are wider, and can be scrolled. */
const leastWidth = 1080;
const mostWidth = 6000;
const perSecond = 4;

/** A self-contained <svg>; its colours are those of the page. */
export function drawChart({ faults, series, end_ms, types }: Report): string {
  const width = Math.min(mostWidth, Math.max(leastWidth, (end_ms / 1000) * perSecond));
  const x = linear(0, end_ms, left, width - right);
  const lanes = faultTypes.filter((type) => types.some((row) => row.type === type));
  let top = 22;
  const place = (height: number): Frame => {
    const frame = { top, height, left, right: width - right };
    top += height + gap;
    return frame;
  };
  const laneFrame = place(lanes.length * laneHeight);
  const panels = [
    drawThroughput(place(120), x, series),
    drawErrors(place(64), x, series),
    drawLatency(place(130), x, series),
    drawOpen(place(56), x, series),
  ];
  const bottom = top - gap + 4;
  return [
    `<svg viewBox="0 0 ${width} ${bottom + 22}" width="${width}" height="${bottom + 22}" role="img" aria-label="The run over time">`,
    ...faults.map((fault) => drawBand(fault, x, laneFrame.top, bottom)),
    axis(x, end_ms, bottom),
    label(laneFrame, 'Faults, and the time until nothing was to be seen of them'),
    ...lanes.flatMap((type, lane) => {
      const y = laneFrame.top + lane * laneHeight;
      const own = faults.filter((fault) => fault.type === type);
      return [
        `<text class="lane" x="${left - 6}" y="${y + 11}">${shortNames[type] ?? type}</text>`,
        ...own.map((fault) => drawSpan(fault, x, y)),
      ];
    }),
    ...panels,
    '</svg>',
  ].join('\n');
}

const shortNames: Readonly<Record<string, string>> = { 'pool-exhausted': 'pool', 'db-restart': 'db-crash' };

/** Behind everything, so that causes can be seen above their effects. */
function drawBand({ begun_ms, healed_ms, type }: FaultRow, x: Scale, top: number, bottom: number): string {
  if (healed_ms === undefined) return '';
  const width = Math.max(1, x(healed_ms) - x(begun_ms));
  return `<rect class="band ${type}" x="${x(begun_ms).toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${bottom - top}"/>`;
}

function drawSpan(fault: FaultRow, x: Scale, y: number): string {
  const { type, begun_ms, healed_ms = begun_ms, recovery_ms, error } = fault;
  const at = x(begun_ms);
  const rect = (from: number, to: number, height: number, more: string) =>
    `<rect class="${type}${more}" x="${from.toFixed(1)}" y="${y + (laneHeight - height) / 2}" width="${Math.max(2, to - from).toFixed(1)}" height="${height}" rx="1.5"/>`;
  const tail = recovery_ms === undefined ? '' : rect(x(healed_ms), x(healed_ms + recovery_ms), 4, ' tail');
  return `<g>${tail}${rect(at, x(healed_ms), 11, error ? ' skipped' : '')}<title>${escapeText(describe(fault))}</title></g>`;
}

function describe({ what, begun_ms, healed_ms, recovery_ms, error }: FaultRow): string {
  if (error !== undefined) return `${clock(begun_ms)} ${what}: ${error}`;
  const length = healed_ms === undefined || healed_ms === begun_ms ? '' : ` for ${duration(healed_ms - begun_ms)}`;
  const back = recovery_ms === undefined ? 'not back before the end' : `back after ${duration(recovery_ms)}`;
  return `${clock(begun_ms)} ${what}${length}; ${back}`;
}

function drawThroughput(frame: Frame, x: Scale, { points, step_ms }: Series): string {
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

function drawErrors(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1, ...points.map(({ errors }) => errors));
  const y = linear(0, most, frame.top + frame.height, frame.top);
  return [
    label(frame, 'Attempts that came to nothing, per second'),
    grid(frame, y, [0, Math.round(most)]),
    `<path class="errors" d="${area(points, x, y, step_ms, ({ errors }) => errors)}"/>`,
  ].join('\n');
}

function drawLatency(frame: Frame, x: Scale, { points, step_ms }: Series): string {
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

function drawOpen(frame: Frame, x: Scale, { points, step_ms }: Series): string {
  const most = Math.max(1, ...points.map(({ open = 0 }) => open));
  const y = linear(0, most, frame.top + frame.height, frame.top);
  return [
    label(frame, 'Transactions under way (a gap: the databases could not be asked)'),
    grid(frame, y, [0, most]),
    `<path class="open" d="${line(points, x, y, step_ms, ({ open }) => open)}"/>`,
  ].join('\n');
}

function label({ top, left: at }: Frame, text: string, legend: readonly string[] = []): string {
  const keys = legend
    .map((name) => `<tspan class="key ${name}" dx="12">■</tspan><tspan dx="4">${name}</tspan>`)
    .join('');
  return `<text class="label" x="${at}" y="${top - 8}">${text}${keys}</text>`;
}

type Value = (point: Point) => number | undefined;

/** A line through the middles of the steps, with gaps where there is nothing. */
function line(points: readonly Point[], x: Scale, y: Scale, step_ms: number, value: Value): string {
  let isDrawn = false;
  const parts = points.map((point, index) => {
    const here = value(point);
    const verb = isDrawn ? 'L' : 'M';
    isDrawn = here !== undefined;
    return here === undefined ? '' : `${verb}${x((index + 0.5) * step_ms).toFixed(1)} ${y(here).toFixed(1)}`;
  });
  return parts.join('');
}

function area(points: readonly Point[], x: Scale, y: Scale, step_ms: number, value: (point: Point) => number): string {
  const steps = points.map((point, index) => `V${y(value(point)).toFixed(1)}H${x((index + 1) * step_ms).toFixed(1)}`);
  return `M${x(0).toFixed(1)} ${y(0).toFixed(1)}${steps.join('')}V${y(0).toFixed(1)}Z`;
}
