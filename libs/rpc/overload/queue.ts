// Where calls wait for a moment when a server has its hands full: short, and shorter when it doesn't drain. Those who have
// just come go first then: their callers still wait, and those who have waited long are about to give up. By Facebook's
// "Fail at Scale" (ACM Queue 13/8, 2015: controlled delay, adaptive LIFO), which is CoDel for servers.

export interface QueueOptions {
  /** How many may wait. */
  readonly size: number;
  /** How long one may wait as long as the queue is empty now and then. */
  readonly patience_ms: number;
  /** How long when it hasn't been empty for `patience_ms`. */
  readonly hurry_ms: number;
}

/** Time is an argument, by any clock that doesn't go back. */
export interface WaitingQueue<T> {
  /** False when there is no room. */
  push(item: T, now_ms: number): boolean;
  /** Who is next. */
  take(now_ms: number): T | undefined;
  /** Takes out those who have waited for too long. */
  expire(now_ms: number): T[];
  size(): number;
}

export function createQueue<T>({ size, patience_ms, hurry_ms }: QueueOptions): WaitingQueue<T> {
  /** Oldest first. */
  const waiting: { readonly item: T; readonly since_ms: number }[] = [];
  /** Since when somebody has always been waiting, but for those moments in which all had waited for too long. */
  let standingSince_ms = 0;
  let lastWaited_ms = -Infinity;
  const isStanding = (now_ms: number) => now_ms - standingSince_ms >= patience_ms;
  return {
    push(item, now_ms) {
      if (waiting.length >= size) return false;
      if (waiting.length === 0 && now_ms - lastWaited_ms >= patience_ms) standingSince_ms = now_ms;
      waiting.push({ item, since_ms: now_ms });
      return true;
    },
    take(now_ms) {
      const next = isStanding(now_ms) ? waiting.pop() : waiting.shift();
      if (waiting.length === 0) lastWaited_ms = -Infinity;
      return next?.item;
    },
    expire(now_ms) {
      const most_ms = isStanding(now_ms) ? hurry_ms : patience_ms;
      const inTime = waiting.findIndex(({ since_ms }) => now_ms - since_ms < most_ms);
      const expired = waiting.splice(0, inTime < 0 ? waiting.length : inTime);
      if (expired.length > 0) lastWaited_ms = now_ms;
      return expired.map(({ item }) => item);
    },
    size: () => waiting.length,
  };
}
