// Load on a platform, calm at first, then faults, then calm again: what happened, and whether all of it was right.
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Verdict } from '../check/judge.ts';
import { countPrepared, progressOf } from '../check/progress.ts';
import type { Mode } from '../load/orders.ts';
import type { Summary } from '../load/tally.ts';
import { watchBacklog } from './backlog.ts';
import type { Ground } from './ground.ts';
import type { Planned } from './schedule.ts';
import { rage, type Storm } from './storm.ts';
import { type Happened, overAt, type Timeline } from './timeline.ts';
import { openTraffic, type Traffic } from './traffic.ts';

export interface ExperimentOptions extends Pick<Storm, 'onBegin' | 'onHealed' | 'signal'> {
  readonly ground: Ground;
  readonly planned: readonly Planned[];
  readonly faults_s: number;
  /** How soon after the last fault everything must have ended. */
  readonly settled_s: number;
  readonly rate: number;
  readonly mode: Mode | 'mixed';
  readonly seed: number;
  /** How often an order is sent again. */
  readonly retries?: number;
  readonly history: string;
  /** Orders are coming in. */
  onTraffic(traffic: Traffic): void;
}

export interface Experiment {
  readonly timeline: Timeline;
  readonly summary: Summary;
  readonly settled: Settled;
  readonly verdict: Judged;
}

/** What the checker says, as a report keeps it. */
export type Judged = Pick<Verdict, 'passed' | 'enough' | 'shortfall' | 'violations' | 'counts'>;

/** Some time after the last fault: what is left of before. */
export interface Settled {
  /** Of before the end of the last fault, and not answered. */
  readonly orders: number;
  /** Open transactions that were begun before; when there are any, those that were begun since are counted along. */
  readonly transactions: number;
  /** Prepared database transactions that are older than the time to settle. */
  readonly prepared: number;
}

interface Times extends Pick<ExperimentOptions, 'settled_s'> {
  readonly healed_ms: number;
  readonly at_ms: number;
}

/** Before the faults; less in a short run. */
const mostCalm_s = 5;
const leastCalm_s = 2;
/** So long is waited for the ground to be quiet before it is judged. */
const wait_s = 30;
const settleAttempts = 5;
/** Faults that take long to be undone, and the end. */
const reserve_s = 600;

/** Fails when it is interrupted, or the platform can't be asked in the end; the faults are healed in any case. */
export async function experiment(options: ExperimentOptions): Promise<Experiment> {
  const { ground, history, faults_s, settled_s, signal } = options;
  const calm_s = Math.max(leastCalm_s, Math.min(mostCalm_s, faults_s / 4));
  const duration_s = calm_s + faults_s + settled_s + reserve_s;
  const traffic = await openTraffic({ ...options, url: ground.url, duration_s });
  options.onTraffic(traffic);
  const now_ms = () => performance.now() - traffic.begun_ms;
  const watch = watchBacklog(ground, now_ms);
  try {
    await pause(calm_s, signal);
    const calm_ms = now_ms();
    const faults = await rage({ ...options, now_ms });
    const healed_ms = Math.max(calm_ms, ...faults.map((fault) => overAt(fault) ?? now_ms()));
    await pause((healed_ms - now_ms()) / 1000 + settled_s, signal);
    const settled = await settle(() => look(ground, traffic, { healed_ms, at_ms: now_ms(), settled_s }));
    // One more look, so that the last fault's recovery can be seen.
    await pause(1.5, signal);
    await traffic.stop();
    if (signal.aborted) throw new Error('interrupted; all faults are healed');
    const end_ms = now_ms();
    const verdict: Judged = await judge({
      history: [history],
      sources: ground.databases,
      settled_s,
      wait_s,
      healed: { at_ms: performance.timeOrigin + traffic.begun_ms + healed_ms, within_s: settled_s },
    }).catch(unjudged);
    const { orders, misses_ms, tally } = traffic;
    const timeline = { orders, misses_ms, faults, backlog: watch.seen, calm_ms, end_ms };
    return { timeline, summary: tally.summary(), settled, verdict };
  } finally {
    watch.stop();
    await traffic.stop();
  }
}

/** A platform that can't be judged isn't right, and what was seen of it is worth a report. */
function unjudged(error: Error): Judged {
  const violation = { invariant: 'all can be looked at', subject: 'the checker', seen: error.message };
  return { passed: false, enough: true, violations: [{ ...violation, expected: 'no error', lines: [] }], counts: {} };
}

/** A connection to a busy platform may fail once; one that never answers can't be judged. */
async function settle(look: () => Promise<Settled>): Promise<Settled> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      if (attempt === settleAttempts) throw error;
    }
  }
}

async function look({ databases }: Ground, { orders }: Traffic, times: Times): Promise<Settled> {
  const { healed_ms, at_ms, settled_s } = times;
  const { open, oldestOpen_s } = await progressOf(databases);
  return {
    orders: orders.filter(({ scheduled_ms, answered_ms }) => scheduled_ms < healed_ms && answered_ms === undefined)
      .length,
    transactions: oldestOpen_s > (at_ms - healed_ms) / 1000 ? open : 0,
    prepared: await countPrepared(databases, settled_s),
  };
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
}

/** Whether a fault can be blamed for nothing any more. */
export function isClean({ settled, verdict, timeline }: Experiment): boolean {
  const isSettled = settled.orders + settled.transactions + settled.prepared === 0;
  return verdict.passed && isSettled && timeline.faults.every(isUndone);
}

function isUndone({ healed_ms, error = '' }: Happened): boolean {
  return healed_ms !== undefined || !error.startsWith('not healed');
}
