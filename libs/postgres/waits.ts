/** How long one waits for something, lately: a mean that forgets in a second. Time is an argument. */
export interface Waits {
  /** Somebody begins to wait; gives what ends it. */
  begin(now_ms: number): (now_ms: number) => void;
  /** The mean, or how long the one has waited who waits longest now, if that is more. */
  mean_ms(now_ms: number): number;
}

const memory_ms = 1_000;

export function createWaits(): Waits {
  /** Who waits, in the order in which they came. */
  const pending = new Set<{ readonly since_ms: number }>();
  let mean_ms = 0;
  let at_ms = -Infinity;
  return {
    begin(now_ms) {
      const one = { since_ms: now_ms };
      pending.add(one);
      return (end_ms) => {
        if (!pending.delete(one)) return;
        mean_ms += (end_ms - now_ms - mean_ms) * (1 - Math.exp((at_ms - end_ms) / memory_ms));
        at_ms = end_ms;
      };
    },
    mean_ms(now_ms) {
      const [oldest] = pending;
      return Math.max(mean_ms * Math.exp((at_ms - now_ms) / memory_ms), oldest ? now_ms - oldest.since_ms : 0);
    },
  };
}
