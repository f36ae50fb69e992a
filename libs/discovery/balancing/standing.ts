// Which endpoints may be called. Pure.
import { connectivityState as State } from '@grpc/grpc-js';
import { type Conduct, isEjected } from './conduct.ts';

/** What an endpoint said of its own health, by whether it wants calls; undefined before it has said anything. */
export type Health = boolean | undefined;

/**
 * - `connecting`: for the first time, or its connection was lost just now
 * - `unreachable`: it can't be connected to; tried again with backoff
 * - `checking`: connected, but it hasn't said yet whether it is healthy
 * - `unhealthy`: it says so, or doesn't answer when it is asked
 * - `ejected`: left out for a while because of how it behaved
 * - `fit`: none of these
 */
export type Standing = 'connecting' | 'unreachable' | 'checking' | 'unhealthy' | 'ejected' | 'fit';

export interface Known {
  readonly connectivity: State;
  readonly health: Health;
  readonly conduct: Conduct;
}

export function standingOf({ connectivity, health, conduct }: Known, now_ms: number): Standing {
  if (connectivity === State.TRANSIENT_FAILURE) return 'unreachable';
  if (connectivity !== State.READY) return 'connecting';
  if (health === undefined) return 'checking';
  if (!health) return 'unhealthy';
  return isEjected(conduct, now_ms) ? 'ejected' : 'fit';
}

export interface Choice<C> {
  readonly candidates: readonly C[];
  /** All that are connected are used, because too few of them are fit. */
  readonly isPanic: boolean;
}

/**
 * Those that may be called: the fit ones. When fewer than `panicShare` of the connected ones are fit, those few would break
 * under the load of all, and more likely it is the judgement that is wrong: then all that are connected (Envoy's panic
 * threshold). When none is fit but one hasn't spoken yet, it is waited for.
 */
export function chooseFrom<C extends Known>(all: readonly C[], panicShare: number, now_ms: number): Choice<C> {
  const standings = Map.groupBy(all, (one) => standingOf(one, now_ms));
  const fit = standings.get('fit') ?? [];
  const unfit = [...(standings.get('unhealthy') ?? []), ...(standings.get('ejected') ?? [])];
  const isEnough = fit.length > 0 ? fit.length >= panicShare * (fit.length + unfit.length) : standings.has('checking');
  if (isEnough || unfit.length === 0) return { candidates: fit, isPanic: false };
  return { candidates: [...fit, ...unfit], isPanic: true };
}
