// Lets the calls of one method in: as many at a time as the limit says, which it finds out from how long they take.
import { initialLimit, type Limit, type LimitOptions, nextLimit } from './limit.ts';
import { createQueue, type QueueOptions } from './queue.ts';

export interface LimiterOptions extends LimitOptions {
  /** The limit is thought about so often, and not before so many calls have ended. */
  readonly window_ms: number;
  readonly windowCalls: number;
  readonly queue: QueueOptions;
}

/** Why a call isn't let in. */
export type Refusal = { readonly type: 'full'; readonly retryDelay_ms: number } | { readonly type: 'late' };

/** What a call takes up. */
export interface Place {
  /** How many places it takes. A batch that finds one free comes in as a whole. */
  readonly weight: number;
  /** It is let in also when all places are taken, up to `max` of its like: others wait until it is done. */
  readonly isUrgent: boolean;
}

/** One who wants to get in. */
export interface Entrant extends Place {
  /** By performance.now(). */
  readonly deadline_ms: number;
  /** Whether nobody waits for it any more. */
  isGone(): boolean;
  /** @param putOff_ms when it is in only because it is urgent: after how long there may be room again */
  start(putOff_ms: number | undefined): void;
  refuse(refusal: Refusal): void;
}

export interface Limiter {
  /** Whether there is room, which is taken then: what most calls find, at no cost. Who finds none enters. */
  tryEnter(place: Place): boolean;
  /** Starts or refuses it, now or within the patience of the queue; neither when it is gone by then. */
  enter(entrant: Entrant): void;
  /** For each that was started, when it is done. One that failed quickly is no measure of how long work takes. */
  leave(place: Place, begin_ms: number, hasFailed: boolean): void;
  look(): LimiterView;
}

export interface LimiterView {
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
}

const LEAST_DELAY_MS = 50;
const MOST_DELAY_MS = 5_000;

/** Time as a limiter sees it. */
export interface Clock {
  now_ms(): number;
  /** When what is ready now has had its turn. */
  soon(work: () => void): void;
  after(wait_ms: number, work: () => void): void;
}

const realClock: Clock = {
  now_ms: () => performance.now(),
  soon: (work) => void setImmediate(work),
  after: (wait_ms, work) => void setTimeout(work, wait_ms).unref(),
};

/** @param strain_ms what else calls wait for in this process, besides their own work: it is added to their latency */
export function createLimiter(
  options: LimiterOptions,
  strain_ms: () => number = () => 0,
  clock: Clock = realClock,
): Limiter {
  const queue = createQueue<Entrant>(options.queue);
  let state: Limit = initialLimit(options);
  let inFlight = 0;
  let urgentInFlight = 0;
  let window = emptyWindow(clock.now_ms());
  let latency_ms = options.calm_ms;
  /** The shortest time in which a call was answered lately: who has less left can't be. */
  let fastest_ms = 0;
  let ended = noneEnded();
  let isSweeping = false;

  function tryEnter(place: Place): boolean {
    if (inFlight >= state.limit || queue.size() > 0) return false;
    take(place);
    return true;
  }

  function enter(entrant: Entrant): void {
    if (tryEnter(entrant)) entrant.start(undefined);
    else {
      window.isFull = true;
      if (entrant.isUrgent && urgentInFlight < options.max) begin(entrant, retryDelay_ms());
      else if (entrant.isUrgent || !queue.push(entrant, clock.now_ms())) refuse(entrant);
      else sweepLater();
    }
  }

  function begin(entrant: Entrant, putOff_ms: number | undefined): void {
    take(entrant);
    entrant.start(putOff_ms);
  }

  function take({ weight, isUrgent }: Place): void {
    inFlight += weight;
    if (isUrgent) urgentInFlight += weight;
    window.begun += weight;
    if (inFlight > window.peak) window.peak = inFlight;
  }

  function refuse(entrant: Entrant): void {
    window.refused += entrant.weight;
    entrant.refuse({ type: 'full', retryDelay_ms: retryDelay_ms() });
  }

  /** The more come in vain, the later they should come again. */
  function retryDelay_ms(): number {
    const delay_ms = latency_ms * ((window.begun + window.refused) / Math.max(1, window.begun));
    return Math.round(Math.min(MOST_DELAY_MS, Math.max(LEAST_DELAY_MS, delay_ms)) / 10) * 10;
  }

  function leave({ weight, isUrgent }: Place, begin_ms: number, hasFailed: boolean): void {
    if (ended.places === 0) clock.soon(flush);
    ended.places += weight;
    if (isUrgent) ended.urgent += weight;
    if (hasFailed && clock.now_ms() - begin_ms < latency_ms) return;
    ended.weight += weight;
    ended.begins_ms += weight * begin_ms;
    if (begin_ms > ended.last_ms) ended.last_ms = begin_ms;
  }

  /**
   * Once in a turn of the event loop: until it has come around, calls that ended in it keep their places. What is waiting in the
   * sockets meanwhile is under way as well, and only so a server without anything but its processor to wait for has a latency.
   */
  function flush(): void {
    const now_ms = clock.now_ms();
    inFlight -= ended.places;
    urgentInFlight -= ended.urgent;
    if (ended.weight > 0) {
      window.weight += ended.weight;
      window.latencies_ms += ended.weight * now_ms - ended.begins_ms;
      window.fastest_ms = Math.min(window.fastest_ms, now_ms - ended.last_ms);
    }
    ended = noneEnded();
    if (now_ms - window.since_ms >= options.window_ms && window.weight >= options.windowCalls) think(now_ms);
    admit(now_ms);
  }

  function think(now_ms: number): void {
    latency_ms = window.latencies_ms / window.weight + strain_ms();
    const { peak, isFull, since_ms } = window;
    state = nextLimit(state, { latency_ms, elapsed_ms: now_ms - since_ms, peak, isFull }, options);
    fastest_ms = window.fastest_ms;
    window = emptyWindow(now_ms);
  }

  function admit(now_ms: number): void {
    expire(now_ms);
    while (inFlight < state.limit) {
      const next = queue.take(now_ms);
      if (!next) return;
      if (next.isGone()) continue;
      if (next.deadline_ms - now_ms < fastest_ms) next.refuse({ type: 'late' });
      else begin(next, undefined);
    }
  }

  function expire(now_ms: number): void {
    for (const entrant of queue.expire(now_ms)) if (!entrant.isGone()) refuse(entrant);
  }

  function sweepLater(): void {
    if (isSweeping || queue.size() === 0) return;
    isSweeping = true;
    clock.after(options.queue.hurry_ms, () => {
      isSweeping = false;
      expire(clock.now_ms());
      sweepLater();
    });
  }

  return { tryEnter, enter, leave, look: () => ({ limit: state.limit, inFlight, waiting: queue.size() }) };
}

function emptyWindow(since_ms: number) {
  return { since_ms, weight: 0, latencies_ms: 0, fastest_ms: Infinity, begun: 0, refused: 0, peak: 0, isFull: false };
}

function noneEnded() {
  return { places: 0, urgent: 0, weight: 0, begins_ms: 0, last_ms: -Infinity };
}
