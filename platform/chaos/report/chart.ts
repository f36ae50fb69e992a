// One picture over time: the faults in lanes, and below what was to be seen of them.

import { clock, duration, escapeText } from '../../chart/markup.ts';
import { axis, type Frame, linear, type Scale } from '../../chart/scales.ts';
import { type FaultType, faultTypes } from '../faults.ts';
import { overAt } from '../timeline.ts';
import { drawErrors, drawLatency, drawOpen, drawThroughput, label } from './panels.ts';
import type { FaultRow, Report } from './report.ts';

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

const shortNames: Readonly<Partial<Record<FaultType, string>>> = {
  'pool-exhausted': 'pool',
  'db-restart': 'db-crash',
  'rollout-restart': 'rollout',
  'postgres-delete': 'postgres',
  'redis-delete': 'redis',
  'leader-pause': 'leader',
};

/** Behind everything, so that causes can be seen above their effects. */
function drawBand(fault: FaultRow, x: Scale, top: number, bottom: number): string {
  const over_ms = overAt(fault);
  if (over_ms === undefined) return '';
  const { begun_ms, type } = fault;
  const width = Math.max(1, x(over_ms) - x(begun_ms));
  return `<rect class="band ${type}" x="${x(begun_ms).toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${bottom - top}"/>`;
}

function drawSpan(fault: FaultRow, x: Scale, y: number): string {
  const { type, begun_ms, healed_ms = begun_ms, recovery_ms, error } = fault;
  const at = x(begun_ms);
  const over = x(overAt(fault) ?? begun_ms);
  const rect = (from: number, to: number, height: number, more: string) =>
    `<rect class="${type}${more}" x="${from.toFixed(1)}" y="${y + (laneHeight - height) / 2}" width="${Math.max(2, to - from).toFixed(1)}" height="${height}" rx="1.5"/>`;
  const tail = recovery_ms === undefined ? '' : rect(x(healed_ms), x(healed_ms + recovery_ms), 4, ' tail');
  return `<g>${tail}${rect(at, over, 11, error ? ' skipped' : '')}<title>${escapeText(describe(fault))}</title></g>`;
}

function describe({ what, victim, begun_ms, healed_ms, ready_ms, recovery_ms, error }: FaultRow): string {
  if (error !== undefined) return `${clock(begun_ms)} ${what}: ${error}`;
  const length = healed_ms === undefined || healed_ms === begun_ms ? '' : ` for ${duration(healed_ms - begun_ms)}`;
  const back = recovery_ms === undefined ? 'not back before the end' : `back after ${duration(recovery_ms)}`;
  const whom = victim === undefined ? '' : ` (${victim})`;
  const ready = ready_ms === undefined ? '' : `; ready again after ${duration(ready_ms - begun_ms)}`;
  return `${clock(begun_ms)} ${what}${whom}${length}${ready}; ${back}`;
}
