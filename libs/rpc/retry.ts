// When a failed call is tried again. Pure, but for the budget's count.
import { type Backoff, backoff_ms } from './backoff.ts';
import type { RpcError } from './errors.ts';

export interface RetryPolicy extends Required<Backoff> {
  /** With the first. */
  readonly attempts: number;
}

export const retryDefaults: RetryPolicy = { attempts: 5, first_ms: 50, cap_ms: 1_000, factor: 3 };

/**
 * How long to wait before the next attempt, undefined when there should be none. `attempts` have been made; `random` gives
 * [0, 1); `pushback_ms` is what the server has said to this client of another one, negative for never. Nobody is asked
 * again before they want to be, and an overloaded one only when it says when.
 */
export function waitBeforeRetry(
  error: RpcError,
  attempts: number,
  random: () => number,
  policy: RetryPolicy = retryDefaults,
  pushback_ms?: number,
): number | undefined {
  if (attempts >= policy.attempts || (pushback_ms ?? 0) < 0) return undefined;
  const hint_ms = Math.max(error.retryDelay_ms ?? -1, pushback_ms ?? -1);
  const isRetryable = error.code === 'UNAVAILABLE' || (error.code === 'RESOURCE_EXHAUSTED' && hint_ms >= 0);
  return isRetryable ? backoff_ms(attempts, policy, random()) + Math.max(0, hint_ms) : undefined;
}

/** What a client may spend on retries, as gRPC's retryThrottling has it. */
export interface RetryThrottling {
  /** A failure costs one; with half of them gone there are no retries. */
  readonly maxTokens: number;
  /** What a success gives back. */
  readonly tokenRatio: number;
}

/** 500 retries at once, as when a busy replica dies, and in the long run one for ten calls. */
const defaultThrottling: RetryThrottling = { maxTokens: 1_000, tokenRatio: 0.1 };

/**
 * Keeps retries from making an overload worse: https://github.com/grpc/proposal/blob/master/A6-client-retries.md. There is
 * one for each client, so for each service that a process calls.
 */
export interface RetryBudget {
  succeeded(): void;
  /** Whether a call that has failed may be tried again. */
  failed(): boolean;
}

export function retryBudget({ maxTokens, tokenRatio }: RetryThrottling = defaultThrottling): RetryBudget {
  let left = maxTokens;
  return {
    succeeded() {
      left = Math.min(maxTokens, left + tokenRatio);
    },
    failed() {
      left = Math.max(0, left - 1);
      return left > maxTokens / 2;
    },
  };
}

export const unlimited: RetryBudget = { succeeded() {}, failed: () => true };
