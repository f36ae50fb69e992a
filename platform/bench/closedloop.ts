import { build } from 'hdr-histogram-js';

export interface ClosedLoop {
  /** So many at the same time, each beginning again when it is done. */
  readonly clients: number;
  /** Not measured. */
  readonly warmUp_s: number;
  readonly duration_s: number;
  /** Does one checkout as one of the clients; false when it didn't come out right. */
  work(client: number): Promise<boolean>;
}

export interface Measurement {
  readonly perSecond: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Those that didn't come out right. */
  readonly wrong: number;
}

const microseconds = 1000;

/** Measures what ends within the time after the warm-up. */
export async function runClosedLoop({ clients, warmUp_s, duration_s, work }: ClosedLoop): Promise<Measurement> {
  const begin_ms = performance.now() + warmUp_s * 1000;
  const end_ms = begin_ms + duration_s * 1000;
  const latencies = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
  let wrong = 0;
  const client = async (_: unknown, index: number) => {
    for (let start_ms = performance.now(); start_ms < end_ms; ) {
      if (!(await work(index))) wrong += 1;
      const now_ms = performance.now();
      if (now_ms >= begin_ms && now_ms < end_ms) latencies.recordValue(Math.round((now_ms - start_ms) * microseconds));
      start_ms = now_ms;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const at = (percentile: number) => latencies.getValueAtPercentile(percentile) / microseconds;
  return { perSecond: latencies.totalCount / duration_s, p50_ms: at(50), p99_ms: at(99), wrong };
}
