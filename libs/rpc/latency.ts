// How long calls of a method take these days. Pure: time comes as an argument.

/** Buckets grow by this factor: an estimate is at most so much off. */
const GROWTH = 2 ** 0.25;
const LEAST_MS = 0.1;
/** The last bucket begins at two minutes; longer ones are in it too. */
const BUCKETS = 82;
/** After so many calls everything before counts half: a method that has changed is known anew after a few times as many. */
const HALF_LIFE = 512;
/** Quantiles are computed anew after so many calls. */
const REFRESH = 32;
/** With fewer calls nothing is said. */
const LEAST_CALLS = 100;
/** What is usual at best is not believed for longer: who refuses calls by it would never hear that it has changed. */
const FRESH_MS = 1_000;

export interface Latency {
  /** A call has been answered after `latency_ms`. */
  observe(latency_ms: number, now_ms: number): void;
  /** What 95 % of the calls take at most; undefined while too few are known. */
  p95_ms(): number | undefined;
  /** What 99 % of the calls take at least; undefined while too few are known, and when none has been answered for a second. */
  fastest_ms(now_ms: number): number | undefined;
}

/** An estimator of quantiles: a histogram whose buckets grow exponentially, and in which old calls fade. */
export function createLatency(): Latency {
  const counts = new Float64Array(BUCKETS);
  let calls = 0;
  let last_ms = -Infinity;
  let p95: number | undefined;
  let fastest: number | undefined;

  function refresh(): void {
    if (calls < LEAST_CALLS) return;
    p95 = lowerEdge(bucketAt(counts, 0.95) + 1);
    fastest = lowerEdge(bucketAt(counts, 0.01));
  }

  return {
    observe(latency_ms, now_ms) {
      counts[bucketOf(latency_ms)]! += 1;
      calls += 1;
      last_ms = now_ms;
      if (calls % HALF_LIFE === 0) for (const bucket of counts.keys()) counts[bucket]! /= 2;
      if (calls % REFRESH === 0) refresh();
    },
    p95_ms: () => p95,
    fastest_ms: (now_ms) => (now_ms - last_ms <= FRESH_MS ? fastest : undefined),
  };
}

function bucketOf(latency_ms: number): number {
  const bucket = Math.floor(Math.log2(latency_ms / LEAST_MS) * 4) + 1;
  return Math.min(BUCKETS - 1, Math.max(0, bucket));
}

function lowerEdge(bucket: number): number {
  return bucket === 0 ? 0 : LEAST_MS * GROWTH ** (bucket - 1);
}

/** The bucket in which the quantile is. */
function bucketAt(counts: Float64Array, quantile: number): number {
  let left = quantile * counts.reduce((sum, count) => sum + count, 0);
  return counts.findIndex((count) => {
    left -= count;
    return left <= 0 && count > 0;
  });
}
