/** How far clients are ahead, of those that came last. By a clock that nobody sets. */
export interface Memory {
  ahead_us(client: string, now_us: number): number;
  /** The client is at least so far ahead. */
  remember(client: string, ahead_us: number, now_us: number): void;
  readonly size: number;
}

/** Keeps as many as that; who is forgotten begins anew. */
export function createMemory(most: number): Memory {
  /** Until when each is ahead; who came last is last. */
  const until_us = new Map<string, number>();
  return {
    ahead_us: (client, now_us) => Math.max(0, (until_us.get(client) ?? 0) - now_us),
    remember(client, ahead_us, now_us) {
      const until = Math.max(until_us.get(client) ?? 0, now_us + ahead_us);
      until_us.delete(client);
      until_us.set(client, until);
      // Each that comes makes room for two: those that aren't ahead any more go without a timer.
      let looked = 0;
      for (const [oldest, until] of until_us) {
        if (++looked > 2) break;
        if (until <= now_us || until_us.size > most) until_us.delete(oldest);
      }
    },
    get size() {
      return until_us.size;
    },
  };
}
