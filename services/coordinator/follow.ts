// Waits for transactions that another coordinator drives, by looking at the log: one query for all that are waited for.
import type { Logger } from '@assent/telemetry';
import { type Answer, hasReached, type Milestone } from './answer.ts';
import type { LoggedTransaction, Store } from './store/index.ts';

const interval_ms = 50;

export interface Followers {
  /** Resolves when the transaction reaches its milestone; rejects when the signal aborts. */
  follow(transactionId: string, milestone: Milestone, signal: AbortSignal): Promise<Answer>;
}

interface Follower {
  readonly transactionId: string;
  readonly milestone: Milestone;
  readonly resolve: (answer: Answer) => void;
}

export function createFollowers(store: Store, log: Logger): Followers {
  const followers = new Set<Follower>();
  let looking = false;

  async function look(): Promise<void> {
    try {
      const found = await store.byIds([...new Set([...followers].map(({ transactionId }) => transactionId))]);
      const byId = new Map(found.map((transaction) => [transaction.transactionId, transaction]));
      for (const follower of followers) {
        const transaction = byId.get(follower.transactionId);
        const answer = transaction && recordedAnswer(transaction, follower.milestone);
        if (!answer) continue;
        followers.delete(follower);
        follower.resolve(answer);
      }
    } catch (error) {
      log.warn({ err: error }, 'the log cannot be read, trying again');
    }
    looking = false;
    schedule();
  }

  function schedule(): void {
    if (looking || followers.size === 0) return;
    looking = true;
    setTimeout(look, interval_ms);
  }

  return {
    follow(transactionId, milestone, signal) {
      return new Promise((resolve, reject) => {
        const follower = { transactionId, milestone, resolve };
        const stop = () => {
          followers.delete(follower);
          reject(signal.reason);
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        followers.add(follower);
        schedule();
      });
    },
  };
}

/** What the log says of a milestone; undefined before it. One that is parked may never get further. */
export function recordedAnswer(transaction: LoggedTransaction, milestone: Milestone): Answer | undefined {
  const { transactionId, state, rejection, parkedAt } = transaction;
  if (!parkedAt && !hasReached(state, milestone)) return undefined;
  return { transactionId, state, ...(rejection && { rejection }) };
}
