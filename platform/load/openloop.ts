export interface OpenLoop {
  /** Arrivals per second, evenly spaced. */
  readonly rate: number;
  readonly duration_s: number;
  /** Arrivals beyond it wait for their turn. */
  readonly maxInFlight: number;
  /** No more arrivals when it is aborted. */
  readonly signal: AbortSignal;
  /**
   * Does the work of one arrival. Latency counts from `scheduled_ms` (of performance.now()), when it should have begun:
   * else a system that stalls would hold back the very requests that show it (coordinated omission).
   */
  work(scheduled_ms: number): Promise<void>;
}

/** Starts work by the clock, whatever became of the work before. Ends when all of it has ended. */
export function runOpenLoop({ rate, duration_s, maxInFlight, signal, work }: OpenLoop): Promise<void> {
  const begin_ms = performance.now();
  const total = Math.round(rate * duration_s);
  const due_ms = (index: number) => begin_ms + (index * 1000) / rate;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let next = 0;
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  const pump = () => {
    clearTimeout(timer);
    const last = signal.aborted ? next : total;
    for (; next < last && inFlight < maxInFlight && due_ms(next) <= performance.now(); next++) begin(due_ms(next));
    if (next < last && inFlight < maxInFlight) timer = setTimeout(pump, Math.max(0, due_ms(next) - performance.now()));
    else if (inFlight === 0) resolve();
  };
  const begin = (scheduled_ms: number) => {
    inFlight += 1;
    work(scheduled_ms).then(() => {
      inFlight -= 1;
      pump();
    }, reject);
  };
  signal.addEventListener('abort', pump);
  pump();
  return promise.finally(() => signal.removeEventListener('abort', pump));
}
