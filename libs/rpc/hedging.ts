// A second attempt of a read when the first takes longer than nearly all do: the first answer counts, and the other attempt
// is cancelled. https://research.google/pubs/the-tail-at-scale/
import { type experimental, status } from '@grpc/grpc-js';
import { type Method, type Outgoing, start } from './attempt.ts';
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

/** Makes an attempt, and another if the first takes long, and gives the first answer. */
export function receiveFirst(method: Method, outgoing: Outgoing, delay_ms: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const calls: experimental.CallStream[] = [];
    let open = 0;
    let over = false;
    const timer = setTimeout(hedge, delay_ms);

    function attempt(isHedge: boolean): void {
      let response: Buffer | undefined;
      open++;
      const call = start(method, outgoing, {
        message(bytes) {
          response = bytes;
        },
        end(error) {
          open--;
          if (outgoing.pushback_ms !== undefined) method.hedging?.budget.pushedBack();
          // The other one may do better.
          if (over || (error && open > 0 && isPassing(error))) return;
          settle(call, isHedge && !error);
          if (error) reject(error);
          else resolve(response);
        },
      });
      calls.push(call);
      call.startRead();
    }

    function settle(winner: experimental.CallStream, isHedge: boolean): void {
      over = true;
      clearTimeout(timer);
      if (calls.length < 2) return;
      method.count.hedged(isHedge ? 'won' : 'lost');
      for (const call of calls) if (call !== winner) call.cancelWithStatus(status.CANCELLED, 'the other was quicker');
    }

    function hedge(): void {
      if (!method.hedging?.budget.take()) return void method.count.exhausted('hedge');
      outgoing.avoid = calls[0]?.getPeer();
      noteAttempt(outgoing.span, 'hedge', outgoing.attempts, { 'assent.rpc.after_ms': delay_ms });
      method.count.attempted('hedge');
      try {
        attempt(true);
      } catch {
        // The client has been closed: the first attempt may still end.
        open--;
      }
    }

    try {
      attempt(false);
    } catch (error) {
      clearTimeout(timer);
      reject(error);
    }
  });
}

function isPassing({ code }: RpcError): boolean {
  return code === 'UNAVAILABLE' || code === 'RESOURCE_EXHAUSTED';
}
