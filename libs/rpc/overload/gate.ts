// Where calls of a method get in, or don't.
import { counter, gauge, strain_ms } from '@assent/telemetry';
import { RpcError } from '../errors.ts';
import type { IncomingCall } from '../incoming.ts';
import { createLimiter, type LimiterOptions, type LimiterView, type Place, type Refusal } from './limiter.ts';

/** What a method means to the limit on its calls. */
export interface MethodLoad<Request> {
  /** How many calls a call counts for, such as the items of its batch; 1. */
  weight?(request: Request): number;
  /** Whether others wait until it is done: then it comes in though the server has its hands full. */
  isUrgent?(request: Request): boolean;
  /** With a stream, up to where it is work of this server: what comes then is a wait for others. */
  readonly until?: 'first message' | 'end';
}

export type Leave = (hasFailed: boolean) => void;

/**
 * Starts a call or refuses it, now or a moment later; neither when it is cancelled meanwhile. Who is started must leave, once.
 */
export type Gate = (
  request: unknown,
  call: IncomingCall,
  start: (leave: Leave) => void,
  refuse: (error: RpcError) => void,
) => void;

const refused = counter(
  'assent_overload_refused_total',
  'Calls refused: too many were under way, or it was too late.',
  ['method', 'reason'],
);
const labels = ['method'] as const;
const limit = gauge('assent_overload_limit', 'Calls that may be under way, by method.', labels);
const inFlight = gauge('assent_overload_in_flight', 'Calls under way, by method.', labels);
const waiting = gauge('assent_overload_waiting', 'Calls that wait to be let in, by method.', labels);

/** Does work, or fails with RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED instead; now or a moment later. */
export type Admit = <T>(deadline_ms: number, work: () => Promise<T>) => Promise<T>;

/** The same limit for what comes another way than by gRPC. `deadline_ms` is by performance.now(). */
export function createAdmission(name: string, options: LimiterOptions, signal: AbortSignal): Admit {
  const limiter = createLimiter(options, strain_ms);
  show(name, limiter.look, signal);
  return async (deadline_ms, work) => {
    await new Promise<void>((resolve, reject) => {
      const refuse = (refusal: Refusal) => reject(refusalOf(name, refusal));
      limiter.enter({ ...ordinary, deadline_ms, isGone: () => false, start: () => resolve(), refuse });
    });
    const begin_ms = performance.now();
    let hasFailed = true;
    try {
      const result = await work();
      hasFailed = false;
      return result;
    } finally {
      limiter.leave(ordinary, begin_ms, hasFailed);
    }
  };
}

/** Lets everybody in. */
export const openGate: Gate = (_request, _call, start) => start(nobody);
const nobody = () => {};

/** Shows its metrics as long as the signal isn't aborted. */
export function createGate(
  method: string,
  { weight, isUrgent }: MethodLoad<unknown>,
  options: LimiterOptions,
  signal: AbortSignal,
): Gate {
  const limiter = createLimiter(options, strain_ms);
  show(method, limiter.look, signal);
  const placeOf = (request: unknown): Place => ({
    weight: Math.max(1, weight?.(request) ?? 1),
    isUrgent: isUrgent?.(request) ?? false,
  });
  return (request, call, start, refuse) => {
    const place = weight || isUrgent ? placeOf(request) : ordinary;
    if (limiter.tryEnter(place)) return start((hasFailed) => limiter.leave(place, call.begin_ms, hasFailed));
    limiter.enter({
      ...place,
      deadline_ms: call.deadline_ms,
      isGone: () => call.isGone,
      start(putOff_ms) {
        const begin_ms = performance.now();
        call.putOff_ms = putOff_ms;
        start((hasFailed) => limiter.leave(place, begin_ms, hasFailed));
      },
      refuse: (refusal) => refuse(refusalOf(method, refusal)),
    });
  };
}

const ordinary: Place = { weight: 1, isUrgent: false };

function show(method: string, look: () => LimiterView, signal: AbortSignal): void {
  const sample = (value: (view: LimiterView) => number) => () => [{ labels: { method }, value: value(look()) }];
  const ends = [
    limit.watch(sample((view) => view.limit)),
    inFlight.watch(sample((view) => view.inFlight)),
    waiting.watch(sample((view) => view.waiting)),
  ];
  signal.addEventListener('abort', () => ends.forEach((end) => void end()), { once: true });
}

const tooLate = new RpcError('DEADLINE_EXCEEDED', 'when its turn came there was not enough time left', {
  reason: 'TOO_LATE',
});
/** By their delays, which are rounded: refusing must cost next to nothing. */
const tooMany = new Map<number, RpcError>();

function refusalOf(method: string, refusal: Refusal): RpcError {
  const error = errorOf(refusal);
  refused.inc({ method, reason: error.reason! });
  return error;
}

function errorOf(refusal: Refusal): RpcError {
  if (refusal.type === 'late') return tooLate;
  const { retryDelay_ms } = refusal;
  let error = tooMany.get(retryDelay_ms);
  if (!error) {
    error = new RpcError('RESOURCE_EXHAUSTED', 'too much is under way', { reason: 'OVERLOADED', retryDelay_ms });
    tooMany.set(retryDelay_ms, error);
  }
  return error;
}
