// A server in virtual time, behind a real limiter: to see what the limit does to a server whose capacity is known.
import { type Clock, createLimiter, type Limiter, type LimiterOptions } from '../overload/limiter.ts';

export interface World extends Clock {
  /** Lets time pass. */
  run(until_ms: number): void;
  random(): number;
}

/** The same seed, the same world. */
export function createWorld(seed: number): World {
  const agenda: { readonly at_ms: number; readonly work: () => void }[] = [];
  let now_ms = 0;
  let state = seed >>> 0;
  const at = (at_ms: number, work: () => void) => {
    let [low, high] = [0, agenda.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (agenda[middle]!.at_ms > at_ms) low = middle + 1;
      else high = middle;
    }
    agenda.splice(low, 0, { at_ms, work });
  };
  return {
    now_ms: () => now_ms,
    soon: (work) => at(now_ms, work),
    after: (wait_ms, work) => at(now_ms + wait_ms, work),
    run(until_ms) {
      for (let next = agenda.at(-1); next && next.at_ms <= until_ms; next = agenda.at(-1)) {
        agenda.pop();
        now_ms = next.at_ms;
        next.work();
      }
      now_ms = until_ms;
    },
    random() {
      // Mulberry32.
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** Does work, and says when it is done. */
export type Work = (done: () => void) => void;

/** So many at a time, each taking a random time of that mean; the others wait, first come, first served. */
export function workers(world: World, { count, mean_ms }: { count: number; mean_ms: number }): Work {
  const waiting: (() => void)[] = [];
  let busy = 0;
  const next = () => {
    const done = busy < count && waiting.shift();
    if (!done) return;
    busy++;
    world.after(-Math.log(1 - world.random()) * mean_ms, () => {
      busy--;
      done();
      next();
    });
  };
  return (done) => {
    waiting.push(done);
    next();
  };
}

/** One batch at a time, of whatever has come meanwhile: the larger, the cheaper each. */
export function batches(
  world: World,
  { batch_ms, each_ms, most }: { batch_ms: number; each_ms: number; most: number },
): Work {
  let waiting: (() => void)[] = [];
  let isBusy = false;
  const next = () => {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const batch = waiting.slice(0, most);
    waiting = waiting.slice(most);
    world.after(batch_ms + each_ms * batch.length, () => {
      isBusy = false;
      for (const done of batch) done();
      next();
    });
  };
  return (done) => {
    waiting.push(done);
    next();
  };
}

export interface Tally {
  done: number;
  refused: number;
  /** With the wait in the queue, of those that were done. */
  readonly latencies_ms: number[];
}

export interface Scene {
  readonly world: World;
  readonly limiter: Limiter;
  /** Counts from now on. */
  count(): Tally;
  /** Calls that come whether or not others are done, so many in a second. */
  offer(perSecond: () => number): void;
  /** Callers that call again as soon as they have their answer, or have waited as long as they were told to. */
  callers(count: number): void;
}

export function createScene(world: World, work: Work, options: LimiterOptions): Scene {
  const limiter = createLimiter(options, () => 0, world);
  let tally: Tally = { done: 0, refused: 0, latencies_ms: [] };

  function call(over: (wait_ms: number) => void): void {
    const came_ms = world.now_ms();
    limiter.enter({
      weight: 1,
      isUrgent: false,
      deadline_ms: Infinity,
      isGone: () => false,
      start() {
        const begin_ms = world.now_ms();
        work(() => {
          tally.done++;
          tally.latencies_ms.push(world.now_ms() - came_ms);
          limiter.leave({ weight: 1, isUrgent: false }, begin_ms, false);
          over(0);
        });
      },
      refuse(refusal) {
        tally.refused++;
        over(refusal.type === 'full' ? refusal.retryDelay_ms : 0);
      },
    });
  }

  return {
    world,
    limiter,
    count() {
      tally = { done: 0, refused: 0, latencies_ms: [] };
      return tally;
    },
    offer(perSecond) {
      const arrive = () => {
        call(() => {});
        world.after((-Math.log(1 - world.random()) * 1_000) / perSecond(), arrive);
      };
      arrive();
    },
    callers(count) {
      const again = (wait_ms: number) => void world.after(wait_ms + world.random(), () => call(again));
      for (let caller = 0; caller < count; caller++) again(0);
    },
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function quantile(values: readonly number[], share: number): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN;
}
