import { clock_ms } from './answer.ts';
import type { CallerFunctions, CallerOptions, Saturated, Saturation } from './caller.ts';
import { type Call, callsOf } from './calls.ts';
import type { Child } from './child.ts';

/** Who calls the replicas, from several processes. */
export interface Callers {
  /** Calls at a rate, all of them together. Fulfilled when the last call has ended. */
  load(rate: number, duration_s: number): Promise<Call[]>;
  /** The first one alone, as fast as it goes. */
  saturate(saturation: Saturation): Promise<Saturated>;
  /** TCP connections, by process. */
  connections(): Promise<number[]>;
  close(): Promise<void>;
}

/** On a busy machine it takes long to load a program. */
const startTimeout_ms = 60_000;
/** What a load may take beyond its duration. */
const reserve_ms = 60_000;
/** Until connections are made and programs are compiled; not measured. */
const warmUp = { rate: 200, duration_s: 2 };

/** Lets processes that were started be callers, and warms them up. */
export async function openCallers(
  children: readonly Child<CallerFunctions>[],
  options: CallerOptions,
): Promise<Callers> {
  await Promise.all(children.map((child) => child.call('open', options, startTimeout_ms)));

  async function load(rate: number, duration_s: number): Promise<Call[]> {
    const begin_ms = clock_ms();
    const share = { rate: rate / children.length, duration_s };
    const made = children.map((child) => child.call('load', share, duration_s * 1000 + reserve_ms));
    return callsOf((await Promise.all(made)).flat(), begin_ms);
  }

  await load(warmUp.rate, warmUp.duration_s);
  return {
    load,
    saturate: (saturation) => children[0]!.call('saturate', saturation, saturation.duration_s * 1000 + reserve_ms),
    connections: () => Promise.all(children.map((child) => child.call('connections'))),
    async close() {
      for (const child of children) child.signal('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
    },
  };
}
