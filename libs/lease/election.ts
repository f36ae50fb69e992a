// Election by a Lease, after client-go's rules: one candidate at most believes at any time to hold it, as long as clocks run
// at the same pace and no process stands still. Those that do are fenced in the database (singleton.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff_ms } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { Lease, LeaseApi } from './kubernetes.ts';
import { held, isFree, type Observation, observe, released } from './record.ts';

/** client-go's names: LeaseDuration, RenewDeadline, RetryPeriod. */
export interface Pace {
  /** How long others leave a holder alone that shows no sign of life. Whole seconds. */
  readonly lease_ms: number;
  /** So long after its last renewal a holder gives up: well before the others come. */
  readonly renew_ms: number;
  /** How often a holder renews, and others look; 0 to 20 % more by chance. */
  readonly retry_ms: number;
}

/** The time for which this process holds the Lease. */
export interface Tenure {
  /** Aborts when it is over. */
  readonly over: AbortSignal;
  /** Whether it is over by the clock; the signal may be late in a process that stood still. */
  isOver(): boolean;
}

export interface Election {
  /** This one's tenure, when it has one; undefined when the signal aborts. */
  tenure(signal: AbortSignal): Promise<Tenure | undefined>;
  isHolder(): boolean;
  /** Ends the tenure, and no other begins. */
  resign(): void;
  /** Gives the Lease up, so that the next needn't wait for its end. For after `resign`. Doesn't throw. */
  release(): Promise<void>;
}

export interface ElectionOptions {
  /** Made anew after each failure: certificates and tokens in a kubeconfig are replaced now and then. */
  readonly connect: () => Promise<LeaseApi>;
  /** Who this is, such as the name of its pod. */
  readonly candidate: string;
  readonly log: Logger;
  readonly pace?: Pace;
}

/** client-go's. */
const PACE: Pace = { lease_ms: 15_000, renew_ms: 10_000, retry_ms: 2_000 };
const JITTER = 0.2;
const RELEASE_TIMEOUT_MS = 3_000;

interface Holding extends Tenure {
  /** Goes on until then. */
  until(deadline_ms: number): void;
  end(): void;
}

/** Stands for election until `resign`. */
export function stand({ connect, candidate, log, pace = PACE }: ElectionOptions): Election {
  const resigned = new AbortController();
  let api: LeaseApi | undefined;
  /** As this one has left it. */
  let last: Lease | undefined;
  let observation: Observation | undefined;
  let holding: Holding | undefined;
  let elected = Promise.withResolvers<Tenure>();

  /** One attempt to take or to renew it. */
  async function attempt(): Promise<void> {
    api ??= await connect();
    const asked_ms = performance.now();
    const signal = AbortSignal.any([resigned.signal, AbortSignal.timeout(pace.renew_ms / 2)]);
    const lease = last ?? (await api.read(signal));
    last = undefined;
    observation = observe(observation, lease.record, performance.now());
    if (!isFree(observation, candidate, performance.now())) return holding?.end();
    const body = lease.with(held(lease.record, candidate, pace.lease_ms, new Date()));
    last = await api.replace(body, signal);
    if (last) hold(last.record.transitions, asked_ms + pace.renew_ms);
  }

  function hold(transitions: number, deadline_ms: number): void {
    // What comes late, or after the end, is no tenure.
    if (resigned.signal.aborted || performance.now() >= deadline_ms) return;
    if (!holding) {
      log.info({ candidate, transitions }, 'elected: does what one replica is enough for');
      holding = begin(() => {
        log.info({ candidate }, 'no longer the elected one');
        holding = undefined;
        elected = Promise.withResolvers();
      });
      elected.resolve(holding);
    }
    holding.until(deadline_ms);
  }

  async function run(): Promise<void> {
    let failures = 0;
    let told: string | undefined;
    while (!resigned.signal.aborted) {
      try {
        await attempt();
        failures = 0;
        told = undefined;
      } catch (error) {
        api = undefined;
        failures++;
        const { message } = error as Error;
        if (message !== told && !resigned.signal.aborted)
          log.warn(`the Lease can't be looked after, trying again: ${message}`);
        told = message;
      }
      const usual_ms = pace.retry_ms * (1 + JITTER * Math.random());
      // A candidate that can't even look asks less and less often.
      const backoff = { first_ms: pace.retry_ms, cap_ms: pace.lease_ms };
      const pause_ms = usual_ms + (failures > 0 && !holding ? backoff_ms(failures, backoff, Math.random()) : 0);
      await sleep(pause_ms, undefined, { signal: resigned.signal, ref: false }).catch(() => {});
    }
  }
  const running = run();

  return {
    async tenure(signal) {
      const { promise: left, resolve } = Promise.withResolvers<undefined>();
      const leave = () => resolve(undefined);
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
      const tenure = await Promise.race([elected.promise, left]);
      signal.removeEventListener('abort', leave);
      return tenure;
    },
    isHolder: () => holding?.isOver() === false,
    resign() {
      resigned.abort();
      holding?.end();
    },
    async release() {
      await running;
      try {
        await giveUp(await connect(), candidate);
      } catch (error) {
        log.warn(`the Lease could not be given up, the next one waits for its end: ${(error as Error).message}`);
      }
    },
  };
}

async function giveUp(api: LeaseApi, candidate: string): Promise<void> {
  const signal = AbortSignal.timeout(RELEASE_TIMEOUT_MS);
  const lease = await api.read(signal);
  if (lease.record.holder === candidate) await api.replace(lease.with(released(lease.record, new Date())), signal);
}

function begin(ended: () => void): Holding {
  const over = new AbortController();
  let deadline_ms = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  function end(): void {
    clearTimeout(timer);
    if (over.signal.aborted) return;
    over.abort(new Error('no longer the elected one'));
    ended();
  }
  return {
    over: over.signal,
    isOver: () => over.signal.aborted || performance.now() >= deadline_ms,
    until(next_ms) {
      deadline_ms = next_ms;
      clearTimeout(timer);
      timer = setTimeout(end, deadline_ms - performance.now()).unref();
    },
    end,
  };
}
