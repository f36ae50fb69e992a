// A second attempt of a read when the first takes longer than nearly all do: the first answer counts, and the other attempt
// is cancelled. https://research.google/pubs/the-tail-at-scale/
import { type experimental, status } from '@grpc/grpc-js';
import { endpointOf, type Method, type Outgoing, start } from './attempt.ts';
import type { RpcError } from './errors.ts';
import type { Latency } from './latency.ts';
import { noteAttempt } from './tracing.ts';

/** What hedging may add to the load, and how much of it may come at once. */
const SHARE = 0.05;
const MOST_AT_ONCE = 10;
/** After a server has pushed back it is so many hedges, or a hundred calls, until there are some again. */
const PENALTY = 5;
/** A shorter wait is about our own event loop, not about the server. */
const LEAST_DELAY_MS = 5;

/** Keeps hedging from being a load of its own. Of any calls in a row, no more than that share and `MOST_AT_ONCE` are hedged. */
export interface HedgeBudget {
  called(): void;
  /** Whether a call may be hedged, which is counted then. */
  take(): boolean;
  /** The server has said that it has too much to do. */
  pushedBack(): void;
}

export function hedgeBudget(): HedgeBudget {
  let left = 0;
  return {
    called() {
      left = Math.min(MOST_AT_ONCE, left + SHARE);
    },
    take() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    pushedBack() {
      left = -PENALTY;
    },
  };
}

/** How the calls of one method are hedged. */
export interface Hedging {
  readonly budget: HedgeBudget;
  /** How long the first attempt has for itself; undefined while that isn't known. */
  delay_ms(): number | undefined;
}

/** With a fixed delay, or with what 95 % of the calls take. */
export function createHedging(latency: Latency, fixed_ms?: number): Hedging {
  return {
    budget: hedgeBudget(),
    delay_ms() {
      const wanted_ms = fixed_ms ?? latency.p95_ms();
      return wanted_ms === undefined ? undefined : Math.max(LEAST_DELAY_MS, Math.ceil(wanted_ms));
    },
  };
}

/**
 * Makes an attempt, another when that takes longer than usual, by the budget of hedging, and one more when half of the time
 * is gone, by that of retries: an endpoint that takes calls and says nothing is as good as dead. Gives the first answer.
 * `delay_ms` is undefined while nothing is known of what is usual.
 */
export function receiveFirst(
  method: Method,
  outgoing: Outgoing,
  delay_ms: number | undefined,
  patience_ms: number,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const calls: experimental.CallStream[] = [];
    const isUsual = delay_ms !== undefined && delay_ms < patience_ms;
    let timer = isUsual ? setTimeout(hedge, delay_ms) : setTimeout(losePatience, patience_ms);
    let open = 0;
    let hedged: experimental.CallStream | undefined;
    /** So many attempts have been there when patience was lost. */
    let silent = 0;
    let over = false;

    function attempt(): experimental.CallStream {
      let response: Buffer | undefined;
      const call = start(method, outgoing, {
        message(bytes) {
          response = bytes;
        },
        end(error) {
          open--;
          if (outgoing.pushback_ms !== undefined) method.hedging?.budget.pushedBack();
          // Another one may do better.
          if (over || (error && open > 0 && isPassing(error))) return;
          over = true;
          clearTimeout(timer);
          if (hedged) method.count.hedged(call === hedged && !error ? 'won' : 'lost');
          cancelOthers(call);
          if (error) reject(error);
          else resolve(response);
        },
      });
      open++;
      calls.push(call);
      call.startRead();
      return call;
    }

    function attemptAgain(kind: 'hedge' | 'retry', after_ms: number): experimental.CallStream | undefined {
      outgoing.avoid = endpointOf(calls.at(-1)!);
      method.count.attempted(kind);
      noteAttempt(outgoing.span, kind, outgoing.attempts, { 'assent.rpc.after_ms': after_ms });
      try {
        return attempt();
      } catch {
        // The client has been closed: what is under way may still end.
        return undefined;
      }
    }

    function hedge(): void {
      timer = setTimeout(losePatience, patience_ms - delay_ms!);
      if (method.hedging?.budget.take()) hedged = attemptAgain('hedge', delay_ms!);
      else method.count.exhausted('hedge');
    }

    function losePatience(): void {
      silent = calls.length;
      if (!method.retries || outgoing.attempts >= method.retries.policy.attempts) return;
      if (method.retries.budget.failed()) attemptAgain('retry', patience_ms);
      else method.count.exhausted('retry');
    }

    function cancelOthers(winner: experimental.CallStream): void {
      for (const [index, call] of calls.entries()) {
        if (call === winner) continue;
        // The balancer is to know who has said nothing; who was merely slower is not to blame.
        if (index < silent) call.cancelWithStatus(status.DEADLINE_EXCEEDED, 'it said nothing for too long');
        else call.cancelWithStatus(status.CANCELLED, 'another attempt was quicker');
      }
    }

    try {
      attempt();
    } catch (error) {
      clearTimeout(timer);
      reject(error);
    }
  });
}

function isPassing({ code }: RpcError): boolean {
  return code === 'UNAVAILABLE' || code === 'RESOURCE_EXHAUSTED';
}
