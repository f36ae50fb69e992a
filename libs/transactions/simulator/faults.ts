// What goes wrong, and how often. Every history has rates of its own: from nothing at all to a storm.
import type { Random } from './random.ts';

export interface Faults {
  /** How likely something befalls a process before anything that it does. */
  readonly strike: number;
  /** Of what befalls it: it crashes, stands still, or reaches its database late; the rest cuts it off from the network. */
  readonly crashes: number;
  readonly pauses: number;
  readonly stalls: number;
  /** At most. What lasts may last longer than the lease. */
  readonly down_ms: number;
  readonly pause_ms: number;
  /** Of messages, on their way there or back. */
  readonly drop: number;
  readonly duplicate: number;
  readonly delay: number;
  readonly delay_ms: number;
  /** How likely a delay is a very long one: the message arrives when all is over. */
  readonly stray: number;
  readonly stray_ms: number;
  /** Of statements: not done, or done but the answer is lost. */
  readonly lostStatement: number;
  readonly lostAnswer: number;
}

export const noFaults: Faults = {
  strike: 0,
  crashes: 0,
  pauses: 0,
  stalls: 0,
  down_ms: 0,
  pause_ms: 0,
  drop: 0,
  duplicate: 0,
  delay: 0,
  delay_ms: 0,
  stray: 0,
  stray_ms: 0,
  lostStatement: 0,
  lostAnswer: 0,
};

export function anyFaults(random: Random): Faults {
  if (random.chance(0.05)) return noFaults;
  const rate = (most: number) => (random.chance(0.35) ? 0 : most * random.next() ** 2);
  // Some know nothing but standstills, as long as a lease or two.
  const isStopAndGo = random.chance(0.25);
  const shares = isStopAndGo ? [0, 0.5, 0.45, 0.05] : [random.next(), random.next(), random.next(), random.next()];
  const [crashes = 0, pauses = 0, stalls = 0] = shares.map((share) => share / shares.reduce((sum, one) => sum + one));
  return {
    strike: isStopAndGo ? 0.1 : rate(0.15),
    crashes,
    pauses,
    stalls,
    down_ms: random.pick([50, 1_000, 5_000]),
    pause_ms: random.pick([500, 6_000, 15_000]),
    drop: rate(0.3),
    duplicate: rate(0.3),
    delay: rate(0.3),
    delay_ms: random.pick([50, 1_000, 8_000]),
    stray: random.chance(0.2) ? 0.3 : 0,
    stray_ms: 40_000,
    lostStatement: rate(0.1),
    lostAnswer: rate(0.1),
  };
}
