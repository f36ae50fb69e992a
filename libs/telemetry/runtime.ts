// How hard it is for this process to get on: what its event loop, its garbage collector and its pools make calls wait for.
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { counter, gauge } from './metrics.ts';

const lagSeconds = gauge('assent_event_loop_lag_seconds', 'How late the event loop is with what it has to do.', []);
const utilization = gauge(
  'assent_event_loop_utilization',
  'The share of its time in which the event loop was busy.',
  [],
);
const paused = counter('assent_gc_pause_seconds_total', 'How long garbage collection has stopped everything.', []);
const strainSeconds = gauge('assent_strain_seconds', 'What a call waits for besides work: event loop and pools.', []);

const beat_ms = 20;
/** The lag is a mean that forgets in this time. */
const memory_ms = 1_000;

const strains = new Set<() => number>();
let lag_ms = 0;
let watchers = 0;
let stop = () => {};

/** How late the event loop is: the mean of the last second, more or less; 0 while nobody watches. Pauses of the collector count. */
export function eventLoopLag_ms(): number {
  return lag_ms;
}

/** What calls wait for in this process, besides their own work: the event loop, and what else has been added. */
export function strain_ms(): number {
  let sum_ms = lag_ms;
  for (const read of strains) sum_ms += read();
  return sum_ms;
}

/** Adds something that calls wait for, such as a pool, in milliseconds. Gives what ends it. */
export function addStrain(read: () => number): () => void {
  strains.add(read);
  return () => strains.delete(read);
}

/** Looks at the event loop and the garbage collector until what it gives is called. Costs a timer, however many watch. */
export function watchRuntime(): () => void {
  if (watchers++ === 0) stop = start();
  let isOver = false;
  return () => {
    if (!isOver && --watchers === 0) stop();
    isOver = true;
  };
}

function start(): () => void {
  let beat = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const elapsed_ms = now - beat;
    beat = now;
    lag_ms += (Math.max(0, elapsed_ms - beat_ms) - lag_ms) * (1 - Math.exp(-elapsed_ms / memory_ms));
  }, beat_ms).unref();
  const collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) paused.inc(duration / 1_000);
  });
  collector.observe({ entryTypes: ['gc'] });
  let last = performance.eventLoopUtilization();
  const ends = [
    lagSeconds.watch(() => [{ labels: {}, value: lag_ms / 1_000 }]),
    strainSeconds.watch(() => [{ labels: {}, value: strain_ms() / 1_000 }]),
    utilization.watch(() => {
      const now = performance.eventLoopUtilization();
      const { utilization: value } = performance.eventLoopUtilization(now, last);
      last = now;
      return [{ labels: {}, value }];
    }),
  ];
  return () => {
    clearInterval(timer);
    collector.disconnect();
    for (const end of ends) end();
    lag_ms = 0;
  };
}
