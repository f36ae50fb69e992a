import { setTimeout as sleep } from 'node:timers/promises';

/** A replica counts the calls that come by tenths of a second; this is the beginning of one. */
export const stepOf = (at_ms: number): number => Math.floor(at_ms / 100) * 100;

/** How a replica does its work. What is left out is as in `healthy`. */
export interface Behaviour {
  /** The median of how long a call takes. */
  readonly latency_ms: number;
  /** How much that differs from call to call: the sigma of a log-normal distribution. */
  readonly spread: number;
  /** The share of calls that take another way, and how long that takes. */
  readonly slow: { readonly share: number; readonly latency_ms: number };
  /** The share of calls that are answered with UNAVAILABLE, at once. */
  readonly failing: number;
  /** Takes calls and never answers. */
  readonly hanging: boolean;
  /** How many calls are worked on at a time; the others wait in line, and nobody leaves it. */
  readonly slots: number;
  /** Processor time that each call takes. */
  readonly cpu_ms: number;
}

/** 10 ms, and one call in a hundred more than 20. */
export const healthy: Behaviour = {
  latency_ms: 10,
  spread: 0.3,
  slow: { share: 0, latency_ms: 0 },
  failing: 0,
  hanging: false,
  slots: Infinity,
  cpu_ms: 0,
};

/** How long the work of a call takes by the dice; `random` gives [0, 1). Box-Muller makes a normal distribution of two of them. */
export function drawLatency({ latency_ms, spread, slow }: Behaviour, random: () => number): number {
  if (random() < slow.share) return slow.latency_ms;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return latency_ms * Math.exp(spread * normal);
}

/** As many at a time as there are slots, in the order in which they came. */
export function openSlots(limit: () => number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= limit()) await new Promise<void>((resolve) => waiting.push(resolve));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      if (busy < limit()) waiting.shift()?.();
    }
  };
}

/** Waits about so long; a timer alone knows whole milliseconds. Then uses the processor. */
export async function work(latency_ms: number, cpu_ms: number): Promise<void> {
  await sleep(Math.max(0, Math.round(latency_ms - cpu_ms)));
  for (const until_ms = performance.now() + cpu_ms; performance.now() < until_ms; );
}
