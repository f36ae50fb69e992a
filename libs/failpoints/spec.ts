// How the arming of a failpoint is written: `log.decision.before=crash`, and `send.TRY.after=fail@2` for the second time.
import { type Point, points } from './points.ts';

export const effects = ['crash', 'fail', 'stall'] as const;

/**
 * crash: the process kills itself. fail: it goes on as if its connection had been lost; at a point before the act, the act
 * isn't done; after it, it is done and the answer lost. stall: the process stops until somebody sends it SIGCONT.
 */
export type Effect = (typeof effects)[number];

export interface Arming {
  readonly point: Point;
  readonly effect: Effect;
  /** The how manieth time it is reached, from 1. */
  readonly time: number;
}

export function format({ point, effect, time }: Arming): string {
  return `${point}=${effect}${time === 1 ? '' : `@${time}`}`;
}

/** Throws when there is no such point or effect. */
export function parse(text: string): Arming {
  const [, name = '', word = '', time = '1'] = /^([\w.-]+)=(\w+)(?:@([1-9]\d{0,5}))?$/.exec(text) ?? [];
  const point = points.find((one) => one === name);
  const effect = effects.find((one) => one === word);
  if (!point || !effect) throw new Error(`'${text}' is no failpoint: write POINT=${effects.join('|')}[@TIME]`);
  return { point, effect, time: Number(time) };
}
