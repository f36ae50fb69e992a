// When a failed call is tried again. grpc-js's own retries end when the first header of a response is there, which is too
// soon for a server that is killed under load.
import type { RpcError } from './errors.ts';

const ATTEMPTS = 5;
/** The most that the first retry waits; three times as much before each further one. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** What a client may spend on retries: 500 at once, as when a busy replica dies, and in the long run one in ten calls. */
const BUDGET = 1_000;
const EARNED_PER_SUCCESS = 0.1;

/**
 * How long to wait before the next attempt, undefined when there should be none. `attempts` have been made; `random` gives
 * [0, 1). A server that is overloaded is asked again when it says when, and not before.
 */
export function waitBeforeRetry(error: RpcError, attempts: number, random: () => number): number | undefined {
  if (attempts >= ATTEMPTS) return undefined;
  const wait_ms = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 3 ** (attempts - 1));
  switch (error.code) {
    case 'UNAVAILABLE':
      return wait_ms + (error.retryDelay_ms ?? 0);
    case 'RESOURCE_EXHAUSTED':
      return error.retryDelay_ms === undefined ? undefined : wait_ms + error.retryDelay_ms;
    default:
      return undefined;
  }
}

/** Keeps retries from making an overload worse: https://github.com/grpc/proposal/blob/master/A6-client-retries.md */
export interface RetryBudget {
  succeeded(): void;
  /** Whether a call that has failed may be tried again. */
  failed(): boolean;
}

export function retryBudget(): RetryBudget {
  let left = BUDGET;
  return {
    succeeded() {
      left = Math.min(BUDGET, left + EARNED_PER_SUCCESS);
    },
    failed() {
      left = Math.max(0, left - 1);
      return left > BUDGET / 2;
    },
  };
}
