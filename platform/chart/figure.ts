// A picture of one or more panels, complete in itself: readable in light and dark, without colours, and by a screen reader.
import { drawBars } from './bars.ts';
import { drawLines } from './lines.ts';
import { escapeText } from './markup.ts';
import type { Frame } from './scales.ts';

/** Values over time, or over something else. */
export interface Lines {
  readonly type: 'lines';
  readonly title: string;
  /** Of the values. */
  readonly unit: string;
  /** What goes from left to right, such as `seconds`. */
  readonly across: string;
  readonly scale: ScaleType;
  readonly series: readonly { readonly name: string; readonly points: readonly Point[] }[];
  /** Moments that are told of. */
  readonly marks?: readonly { readonly at: number; readonly text: string }[];
  readonly bound?: Bound;
}

/** One value for each thing. */
export interface Bars {
  readonly type: 'bars';
  readonly title: string;
  readonly unit: string;
  readonly scale: ScaleType;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
  readonly bound?: Bound;
}

export type Panel = Lines | Bars;

/** A logarithmic one begins at 1, or where the least value is. */
export type ScaleType = 'linear' | 'logarithmic';

/** Without a y, or with one that isn't finite, there was nothing to measure. */
export type Point = readonly [x: number, y: number | undefined];

/** A value that should not be passed, one way or the other. */
export interface Bound {
  readonly value: number;
  readonly text: string;
}

const width = 760;
const left = 64;
const right = 16;
const linesHeight = 170;
const barHeight = 24;

/** A self-contained <svg>. The description says in words what is to be seen. */
export function drawFigure(title: string, description: string, panels: readonly Panel[]): string {
  let top = 40;
  const parts = panels.map((panel) => {
    const height = panel.type === 'lines' ? linesHeight : panel.bars.length * barHeight;
    const frame: Frame = { top: top + 28, height, left, right: width - right };
    top = frame.top + height + 44;
    return panel.type === 'lines' ? drawLines(panel, frame) : drawBars(panel, frame);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img" aria-labelledby="title about">`,
    `<title id="title">${escapeText(title)}</title><desc id="about">${escapeText(description)}</desc>`,
    `<style>${style}</style><rect class="ground" width="${width}" height="${top}" rx="8"/>`,
    `<text class="title" x="16" y="28">${escapeText(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Lines differ by their dashes too. The colours are those of Okabe and Ito, which colour-blind people tell apart. */
const style = `
svg{--ground:#fff;--text:#1b1d20;--soft:#63686f;--line:#e3e4e6;--s0:#0072b2;--s1:#d55e00;--s2:#00855f;--s3:#a8568c;--s4:#8a6d00}
@media (prefers-color-scheme:dark){svg{--ground:#16181b;--text:#e7e8ea;--soft:#9aa1aa;--line:#33383e;--s0:#56b4e9;--s1:#f08a4b;--s2:#3fc79a;--s3:#d793bf;--s4:#d9c25c}}
.ground{fill:var(--ground)}text{font:12px system-ui,sans-serif;fill:var(--soft)}.title{font-size:16px;font-weight:600;fill:var(--text)}
.label{font-size:13px;fill:var(--text)}.value{fill:var(--text)}.tick{text-anchor:end}.time{text-anchor:middle}.across{text-anchor:end}
.grid{stroke:var(--line)}.mark{stroke:var(--soft);stroke-dasharray:2 3}.bound{stroke:var(--text);stroke-width:1.2;stroke-dasharray:6 4}
.bound-text{fill:var(--text);text-anchor:end}path{fill:none;stroke-width:1.8;stroke-linejoin:round}
${[0, 1, 2, 3, 4].map((n) => `.s${n}{stroke:var(--s${n})}.bar.s${n}{fill:var(--s${n});stroke:none}`).join('')}
.s1{stroke-dasharray:7 3}.s2{stroke-dasharray:2 2}.s3{stroke-dasharray:9 3 2 3}.s4{stroke-dasharray:4 4}`;
