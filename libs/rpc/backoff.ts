export interface Backoff {
  /** The most that the first wait takes. */
  readonly first_ms: number;
  /** The most that any wait takes. */
  readonly cap_ms: number;
  /** By how much it grows each time; 2. */
  readonly factor?: number;
}

/**
 * How long to wait after so many failed attempts, from 1: exponential, capped, full jitter (any time up to that), so that
 * those who failed together don't come back together. `random` is in [0, 1).
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff_ms(attempts: number, { first_ms, cap_ms, factor = 2 }: Backoff, random: number): number {
  return random * Math.min(cap_ms, first_ms * factor ** (attempts - 1));
}
