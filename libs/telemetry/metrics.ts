// What a service counts and measures. All of it is in one registry, which `serveMetrics` shows.
import { createRequire } from 'node:module';
import type * as prom from 'prom-client';

export type Counter<L extends string = string> = prom.Counter<L>;
export type Histogram<L extends string = string> = prom.Histogram<L>;

/** One value of a gauge. */
export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

/** A gauge that asks for its values when somebody looks at it. */
export interface Gauge<L extends string> {
  /**
   * Adds somebody to ask, within 2 s; values with the same labels are added up. What fails to answer isn't shown. Gives
   * what ends it.
   */
  watch(read: () => Iterable<Sample<L>> | Promise<Iterable<Sample<L>>>): () => void;
}

// The parts, since the whole takes ten times as long to load.
const require = createRequire(import.meta.url);
const PromCounter = require('prom-client/lib/counter') as typeof prom.Counter;
const PromGauge = require('prom-client/lib/gauge') as typeof prom.Gauge;
const PromHistogram = require('prom-client/lib/histogram') as typeof prom.Histogram;

const readTimeout_ms = 2000;
const durations_s = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Something that only grows. Its name ends in `_total`. */
export function counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
  return new PromCounter({ name, help, labelNames });
}

/** Of seconds, with buckets from 1 ms to 10 s. Its name ends in `_seconds`. */
export function histogram<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
  return new PromHistogram({ name, help, labelNames, buckets: durations_s });
}

/** Something that goes up and down. */
export function gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
  const readers = new Set<Parameters<Gauge<L>['watch']>[0]>();
  new PromGauge<string>({
    name,
    help,
    labelNames,
    async collect() {
      const samples = (await Promise.all([...readers].map(readInTime))).flat();
      this.reset();
      for (const { labels, value } of samples) this.inc(labels, value);
    },
  });
  return {
    watch(read) {
      readers.add(read);
      return () => readers.delete(read);
    },
  };
}

async function readInTime<L extends string>(read: Parameters<Gauge<L>['watch']>[0]): Promise<Sample<L>[]> {
  const { promise: late, resolve } = Promise.withResolvers<Iterable<Sample<L>>>();
  const timer = setTimeout(resolve, readTimeout_ms, []);
  try {
    return [...(await Promise.race([read(), late]))];
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
