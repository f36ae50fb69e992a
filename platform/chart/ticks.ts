import type { ScaleType } from './figure.ts';

const about = 5;

/** Round numbers from below the least value to above the greatest; at least two. A linear scale of values above 0 begins at 0. */
export function ticks(scale: ScaleType, values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite);
  const most = Math.max(...finite, scale === 'linear' ? 0 : 1);
  return scale === 'linear' ? linearTicks(Math.min(...finite, 0), most) : powers(finite, most);
}

function linearTicks(least: number, most: number): number[] {
  const rough = (most - least || 1) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(least / step);
  const count = Math.max(1, Math.ceil(most / step - 1e-9) - first);
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function powers(values: readonly number[], most: number): number[] {
  const positive = values.filter((value) => value > 0);
  const first = powerBelow(Math.min(...positive, most));
  const top = powerBelow(most);
  const last = Math.max(first + 1, 10 ** top < most ? top + 1 : top);
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

/** The greatest n with 10^n not above `value`. The logarithm is off in its last digits, so it is only where the search begins. */
function powerBelow(value: number): number {
  const near = Math.round(Math.log10(value));
  return 10 ** near <= value ? near : near - 1;
}

/** A number as short as it means the same: 12000 is 12k. */
export function compact(value: number): string {
  if (Math.abs(value) >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
