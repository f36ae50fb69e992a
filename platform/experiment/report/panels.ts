import type { Panel } from '../../chart/figure.ts';
import { type Call, failures, overTime } from '../stage/calls.ts';

/** Failures over time, by group of callers. */
export function failedCalls(groups: Readonly<Record<string, readonly Call[]>>): Panel {
  return {
    type: 'lines',
    title: 'Failed calls',
    unit: 'per second',
    across: 'seconds',
    scale: 'linear',
    series: Object.entries(groups).map(([name, calls]) => ({ name, points: overTime(calls, 1, failures) })),
  };
}
