// Which endpoints are left out for a while because of how they behaved (outlier ejection as Envoy and gRPC's A50 have it,
// https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md). Pure: time comes as an argument. What is
// counted is counted in place, since that happens with every call.
//
// Each rule compares with the others: when all are as bad, the trouble is behind them or with the caller, and leaving some
// of them out would only make it worse. A50's success rate doesn't do: among four endpoints none can be 1.9 standard
// deviations away from their mean.
import { LONGEST_MS } from './load.ts';
import type { EjectionSettings } from './settings.ts';
import type { Verdict } from './verdict.ts';

/** What is known of an endpoint's calls; numbers of calls and their latencies weigh half as much with every interval. */
export interface Conduct {
  failuresInRow: number;
  calls: number;
  failures: number;
  /** Calls that count for the mean latency, and the sum of theirs. */
  timed: number;
  latencies_ms: number;
  /** How many ejections in a row, and until when the last one is. */
  ejections: number;
  ejectedUntil_ms: number;
}

/** A single failure isn't a share. */
const FEWEST_FAILURES = 2;
/** Who is slower by less isn't slow. */
const NOTICEABLE_MS = 25;

export function blameless(): Conduct {
  return {
    failuresInRow: 0,
    calls: 0,
    failures: 0,
    timed: 0,
    latencies_ms: 0,
    ejections: 0,
    ejectedUntil_ms: Number.NEGATIVE_INFINITY,
  };
}

export const isEjected = ({ ejectedUntil_ms }: Conduct, now_ms: number) => now_ms < ejectedUntil_ms;

/** A call has ended. What belongs to a time before an ejection isn't to be noted. */
export function note(conduct: Conduct, verdict: Verdict, latency_ms: number): void {
  if (verdict === 'busy' || verdict === 'unknown') return;
  conduct.calls += 1;
  if (verdict === 'sick') {
    conduct.failures += 1;
    conduct.failuresInRow += 1;
    return;
  }
  conduct.failuresInRow = 0;
  // Longer ones are streams.
  if (latency_ms > LONGEST_MS) return;
  conduct.timed += 1;
  conduct.latencies_ms += latency_ms;
}

/** Why an endpoint whose call has failed is to be left out; undefined when it isn't. */
export function failing(self: Conduct, others: readonly Conduct[], settings: EjectionSettings): string | undefined {
  if (self.failuresInRow >= settings.consecutive_errors) {
    const known = others.filter(({ calls }) => calls > 0);
    const fine = known.filter(({ failuresInRow }) => failuresInRow === 0);
    if (fine.length * 2 > known.length) return `${self.failuresInRow} errors in a row`;
  }
  if (self.calls < settings.min_calls || self.failures < FEWEST_FAILURES) return undefined;
  const share = self.failures / self.calls;
  const calls = others.reduce((sum, other) => sum + other.calls, 0);
  if (share < settings.failureShare || calls < settings.min_calls) return undefined;
  const failures = others.reduce((sum, other) => sum + other.failures, 0);
  if (share <= (2 * failures) / calls) return undefined;
  return `${Math.round(100 * share)} % of its calls failed`;
}

/** Why an endpoint is to be left out for being slow; undefined when it isn't. */
export function slow(self: Conduct, others: readonly Conduct[], settings: EjectionSettings): string | undefined {
  const known = others.filter(({ timed }) => timed >= settings.min_calls).map(meanOf);
  // Of two in the middle the lower one.
  const usual_ms = known.sort((a, b) => a - b)[(known.length - 1) >> 1];
  if (usual_ms === undefined || self.timed < settings.min_calls) return undefined;
  const mean_ms = meanOf(self);
  if (mean_ms < usual_ms * settings.latencyFactor || mean_ms < usual_ms + NOTICEABLE_MS) return undefined;
  return `its calls take ${Math.round(mean_ms)} ms, those of others ${Math.round(usual_ms)} ms`;
}

const meanOf = ({ latencies_ms, timed }: Conduct) => latencies_ms / timed;

/** How many of the connected ones may be out at once. */
export function mostOut(connected: number, { maxShare }: EjectionSettings): number {
  return Math.min(connected - 1, Math.floor(connected * maxShare));
}

/**
 * Leaves it out, and says for how long: longer each time. When it is back, one failure more is enough, until it does
 * something right.
 */
export function eject(conduct: Conduct, settings: EjectionSettings, now_ms: number): number {
  const ejections = conduct.ejections + 1;
  const out_ms = Math.min(settings.max_ms, settings.base_ms * ejections);
  const ejectedUntil_ms = now_ms + out_ms;
  Object.assign(conduct, blameless(), {
    failuresInRow: settings.consecutive_errors - 1,
    ejections,
    ejectedUntil_ms,
  });
  return out_ms;
}

/** An interval is over: what was before it weighs less, and a good one makes up for one ejection. */
export function nextInterval(conduct: Conduct, now_ms: number): void {
  if (isEjected(conduct, now_ms)) return;
  if (conduct.calls > 0 && conduct.failures === 0) conduct.ejections = Math.max(0, conduct.ejections - 1);
  conduct.calls >>= 1;
  conduct.failures >>= 1;
  const { timed } = conduct;
  conduct.timed >>= 1;
  conduct.latencies_ms *= timed === 0 ? 0 : conduct.timed / timed;
}
