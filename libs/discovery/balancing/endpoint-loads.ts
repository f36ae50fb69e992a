import type { Load } from './load.ts';
import type { Standing } from './standing.ts';

/** What this process knows of an endpoint that it calls. */
export interface EndpointLoad {
  /** '' when it isn't known: then it was called by its address. */
  readonly service: string;
  readonly endpoint: string;
  /** '' when it isn't known. */
  readonly zone: string;
  /** Whether it is called, and why not; `starting` is fit, but new. */
  readonly state: Standing | 'starting';
  readonly load: Load;
  /** By which the balancer compares it: the less, the sooner it is called. */
  readonly cost: number;
  /** How many times in a row it was left out for how it behaved; it falls again with good behaviour. */
  readonly ejections: number;
}

/** Who balances calls. */
export interface LoadTeller {
  loads(): EndpointLoad[];
}

const tellers = new Set<LoadTeller>();

export function addTeller(teller: LoadTeller): void {
  tellers.add(teller);
}

export function removeTeller(teller: LoadTeller): void {
  tellers.delete(teller);
}

/** Of every endpoint that is known; of one there may be several, since each client of this process has its own view. */
export function endpointLoads(): EndpointLoad[] {
  return [...tellers].flatMap((teller) => teller.loads());
}
