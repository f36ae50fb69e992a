// How much a client may use: the generic cell rate algorithm (GCRA, ITU-T I.371), a leaky bucket that is a single number. Each
// request takes an interval; what a client has taken reaches so far ahead of now, and by and by now catches up.

/** So many requests at once, and then one each interval. Whole microseconds, so that sums are exact. */
export interface Rate {
  readonly interval_us: number;
  readonly burst: number;
}

export interface Verdict {
  readonly allowed: boolean;
  /** How far what the client has taken, this request included if it is allowed, reaches ahead of now. */
  readonly ahead_us: number;
}

/** `burst` 0 is as much as comes in a second. */
export function rateOf(perSecond: number, burst = 0): Rate {
  return {
    interval_us: Math.max(1, Math.round(1_000_000 / perSecond)),
    burst: burst || Math.max(1, Math.ceil(perSecond)),
  };
}

/** One more request of a client. `limiting/redis.ts` does the same in Redis. */
export function take(ahead_us: number, rate: Rate): Verdict {
  const used_us = ahead_us + rate.interval_us;
  return used_us <= full_us(rate) ? { allowed: true, ahead_us: used_us } : { allowed: false, ahead_us };
}

/** How far one may be ahead. */
function full_us({ interval_us, burst }: Rate): number {
  return interval_us * burst;
}

/** How many more are allowed now. */
export function remaining({ ahead_us }: Verdict, rate: Rate): number {
  return Math.max(0, Math.floor((full_us(rate) - ahead_us) / rate.interval_us));
}

/** After how long the next one is allowed. */
export function wait_ms({ ahead_us }: Verdict, rate: Rate): number {
  return Math.max(0, ahead_us + rate.interval_us - full_us(rate)) / 1000;
}
