import { clock } from './markup.ts';

/** From values to places. */
export type Scale = (value: number) => number;

export interface Frame {
  readonly top: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
}

export function linear(least: number, most: number, from: number, to: number): Scale {
  return (value) => from + ((value - least) / (most - least)) * (to - from);
}

/** What is less than the least is drawn there. */
export function logarithmic(least: number, most: number, from: number, to: number): Scale {
  const scale = linear(Math.log(least), Math.log(most), from, to);
  return (value) => scale(Math.log(Math.max(least, value)));
}

/** Lines for these values, each named at the left. */
export function grid(
  { left, right }: Frame,
  y: Scale,
  values: readonly number[],
  name: (value: number) => string = String,
): string {
  const lines = [...new Set(values)].map((value) => {
    const at = y(value).toFixed(1);
    return `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text class="tick" x="${left - 6}" y="${Number(at) + 4}">${name(value)}</text>`;
  });
  return lines.join('');
}

const intervals_s = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const leastDistance = 60;

/** Of time, at the bottom. */
export function axis(x: Scale, end_ms: number, y: number): string {
  const distance = (seconds: number) => x(seconds * 1000) - x(0);
  const interval_s = intervals_s.find((seconds) => distance(seconds) >= leastDistance) ?? 7200;
  const count = Math.floor(end_ms / 1000 / interval_s) + 1;
  const ticks = Array.from({ length: count }, (_, index) => index * interval_s * 1000);
  return ticks
    .map((at_ms) => {
      const at = x(at_ms).toFixed(1);
      return `<line class="grid" x1="${at}" x2="${at}" y1="${y}" y2="${y + 5}"/><text class="time" x="${at}" y="${y + 18}">${clock(at_ms)}</text>`;
    })
    .join('');
}
