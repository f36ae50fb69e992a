import { type ConcurrencyLimits, limiterOptions } from '../limits.ts';
import { type Admit, createAdmission } from './gate.ts';

/** The limit that gRPC methods have, for what comes another way; false for none. `name` is what metrics call it. */
export function admission(name: string, limits: ConcurrencyLimits | false, signal: AbortSignal): Admit {
  return limits ? createAdmission(name, limiterOptions(limits), signal) : (_deadline_ms, work) => work();
}
