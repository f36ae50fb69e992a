import { build } from 'hdr-histogram-js';

export interface ClosedLoop {
  /** So many at the same time, each beginning again when it is done. */
  readonly clients: number;
  /** Not measured. */
  readonly warmUp_s: number;
  readonly duration_s: number;
  /** Does one checkout as one of the clients. */
  work(client: number): Promise<Checkout>;
}

/** Rejected: for the business's reasons, such as contention. Failed: it should never come to that. */
export type Checkout = 'confirmed' | 'rejected' | 'failed';

export interface Measurement {
  /** Processor time in milliseconds for each confirmed checkout, by process; on Linux. */
  readonly cpu_ms?: Readonly<Record<string, number>> | undefined;
  /** Confirmed. */
  readonly perSecond: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly rejected: number;
  readonly failed: number;
}

const microseconds = 1000;

/** Measures what ends within the time after the warm-up. */
export async function runClosedLoop({ clients, warmUp_s, duration_s, work }: ClosedLoop): Promise<Measurement> {
  const begin_ms = performance.now() + warmUp_s * 1000;
  const end_ms = begin_ms + duration_s * 1000;
  const latencies = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
  const counts = { confirmed: 0, rejected: 0, failed: 0 };
  const client = async (_: unknown, index: number) => {
    for (let start_ms = performance.now(); start_ms < end_ms; ) {
      const checkout = await work(index);
      const now_ms = performance.now();
      if (now_ms >= begin_ms && now_ms < end_ms) {
        counts[checkout] += 1;
        latencies.recordValue(Math.round((now_ms - start_ms) * microseconds));
      }
      start_ms = now_ms;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const at = (percentile: number) => latencies.getValueAtPercentile(percentile) / microseconds;
  const { confirmed, rejected, failed } = counts;
  return { perSecond: confirmed / duration_s, p50_ms: at(50), p99_ms: at(99), rejected, failed };
}
