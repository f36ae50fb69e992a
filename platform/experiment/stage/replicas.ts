import { freePort } from '@assent/ports';
import { type Behaviour, stepOf } from './behaviour.ts';
import type { Child } from './child.ts';
import type { ReplicaFunctions, ReplicaOptions } from './replica.ts';

export interface Replica {
  readonly name: string;
  readonly port: number;
  behave(change: Partial<Behaviour>): Promise<void>;
  /** How many calls came in a time, by `clock_ms`; exact to a tenth of a second. */
  arrivals(from_ms: number, to_ms: number): Promise<number>;
  /** Processor time so far. */
  cpu_s(): Promise<number>;
  /** Ends at once, without a word. */
  kill(): Promise<void>;
}

/** On a busy machine it takes long to load a program. */
const startTimeout_ms = 60_000;

/** Lets a process that was started be a replica. */
export async function openReplica(child: Child<ReplicaFunctions>, options: ReplicaOptions): Promise<Replica> {
  const port = await child.call('listen', { ...options, port: options.port || (await freePort()) }, startTimeout_ms);
  return {
    name: options.name,
    port,
    behave: (change) => child.call('behave', change),
    async arrivals(from_ms, to_ms) {
      const steps = [...(await child.call('arrivals'))];
      const inTime = steps.filter(([at_ms]) => stepOf(at_ms) >= stepOf(from_ms) && stepOf(at_ms) < stepOf(to_ms));
      return inTime.reduce((sum, [, calls]) => sum + calls, 0);
    },
    cpu_s: () => child.call('cpu_s'),
    async kill() {
      child.signal('SIGKILL');
      await child.ended;
    },
  };
}
