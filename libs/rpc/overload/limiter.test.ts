// A real limiter before a server in virtual time whose capacity is known.
import { describe, expect, test } from '@jest/globals';
import { limiterOptions } from '../limits.ts';
import { batches, createScene, createWorld, mean, type Work, type World, workers } from '../testing/overload.ts';
import { createLimiter, type Entrant, type Refusal } from './limiter.ts';

const defaults = limiterOptions({});
/** For a server whose calls are to stay quick under any load, and which gains nothing by having many of them at a time. */
const strict = limiterOptions({ initial: 100, min: 4, calm_ms: 0 });

const servers = {
  'ten workers': { capacity: 1_000, make: (world: World) => workers(world, { count: 10, mean_ms: 10 }) },
  'a processor': { capacity: 1_000, make: (world: World) => workers(world, { count: 1, mean_ms: 1 }) },
  batches: { capacity: 1_900, make: (world: World) => batches(world, { batch_ms: 5, each_ms: 0.5, most: 256 }) },
};

const known = new Map<string, ReturnType<typeof simulate>>();

/** Half of what it can do for 3 s, then so much of it; 4 s to find the limit, 4 s that count. */
function underLoad(make: (world: World) => Work, perSecond: number, load: number, options = defaults) {
  const key = JSON.stringify([`${make}`, load, options]);
  const result = known.get(key) ?? simulate(make, perSecond, load, options);
  known.set(key, result);
  return result;
}

function simulate(make: (world: World) => Work, perSecond: number, load: number, options: typeof defaults) {
  const world = createWorld(7);
  const scene = createScene(world, make(world), options);
  let rate = perSecond / 2;
  scene.offer(() => rate);
  world.run(3_000);
  rate = perSecond * load;
  world.run(7_000);
  const { limit } = scene.limiter.look();
  const tally = scene.count();
  world.run(11_000);
  return { limit, goodput: tally.done / 4, refused: tally.refused, mean_ms: mean(tally.latencies_ms) };
}

describe.each(Object.entries(servers))('%s', (_, { capacity, make }) => {
  test('refuse nobody as long as they can do it all', () => {
    expect(underLoad(make, capacity, 0.9).refused).toBe(0);
  });

  test('get as much done at four times what they can do', () => {
    const [peak, over] = [underLoad(make, capacity, 1), underLoad(make, capacity, 4)];
    expect(over.goodput).toBeGreaterThan(0.9 * peak.goodput);
    expect(over.mean_ms).toBeLessThan(1.5 * defaults.calm_ms);
  });

  test('refuse none of 256 callers who call again and again, whatever that does to their latency', () => {
    const world = createWorld(1);
    const scene = createScene(world, make(world), defaults);
    const tally = scene.count();
    scene.callers(1);
    world.run(2_000);
    scene.callers(255);
    world.run(7_000);
    expect([tally.refused, scene.limiter.look().limit]).toEqual([0, defaults.initial]);
  });
});

test.each(['ten workers', 'a processor'] as const)(
  '%s: what they take at four times their load stays quick',
  (name) => {
    const { capacity, make } = servers[name];
    const [unloaded, over] = [underLoad(make, capacity, 0.5, strict), underLoad(make, capacity, 4, strict)];
    expect(over.goodput).toBeGreaterThan(0.9 * capacity);
    expect(over.mean_ms).toBeLessThan(4 * unloaded.mean_ms);
  },
);

test('without a limit it collapses: all are answered when nobody waits any more', () => {
  const unlimited = { ...defaults, initial: 1e6, min: 1e6, max: 1e6 };
  expect(underLoad(servers['ten workers'].make, 1_000, 4, unlimited).mean_ms).toBeGreaterThan(3_000);
});

test('the limit comes to the same wherever the load comes from', () => {
  const { make } = servers['ten workers'];
  // What is under way takes calm_ms, at 1,000 a second, and a little more: its root may wait.
  for (const load of [2, 4]) {
    const { limit } = underLoad(make, 1_000, load);
    expect(limit).toBeGreaterThan(90);
    expect(limit).toBeLessThan(150);
  }
});

describe('when all places are taken', () => {
  const tight = { ...limiterOptions({ initial: 1, min: 1, max: 2, queue: 2 }), windowCalls: 1 };

  function scene() {
    const world = createWorld(1);
    const limiter = createLimiter(tight, () => 0, world);
    const log: string[] = [];
    const entrant = (name: string, given: Partial<Entrant> = {}): Entrant => ({
      weight: 1,
      isUrgent: false,
      deadline_ms: Infinity,
      isGone: () => false,
      start: (putOff_ms) => log.push(putOff_ms === undefined ? name : `${name}, the rest later`),
      refuse: (refusal: Refusal) => log.push(`${name}: ${refusal.type}`),
      ...given,
    });
    const come = (name: string, given?: Partial<Entrant>) => limiter.enter(entrant(name, given));
    const go = (begin_ms: number, isUrgent = false) => limiter.leave({ weight: 1, isUrgent }, begin_ms, false);
    return { world, limiter, log, come, go };
  }

  test('some wait, more are refused, and who waits comes in as one leaves', () => {
    const { world, log, come, go } = scene();
    for (const name of ['a', 'b', 'c', 'd']) come(name);
    expect(log).toEqual(['a', 'd: full']);
    world.run(10);
    go(0);
    world.run(10);
    expect(log.slice(2)).toEqual(['b']);
  });

  test('who waits for too long is refused', () => {
    const { world, log, come } = scene();
    come('a');
    come('b');
    world.run(200);
    expect(log).toEqual(['a', 'b: full']);
  });

  test('the urgent come in, and before the others; up to a number of their own', () => {
    const { world, limiter, log, come, go } = scene();
    for (const name of ['a', 'b']) come(name);
    for (const name of ['c', 'd', 'e']) come(name, { isUrgent: true });
    expect(log).toEqual(['a', 'c, the rest later', 'd, the rest later', 'e: full']);
    go(0);
    world.run(1);
    expect(limiter.look()).toMatchObject({ inFlight: 2, waiting: 1 });
    go(0, true);
    go(0, true);
    world.run(2);
    expect(log.at(-1)).toBe('b');
  });

  test('who is gone, or has not enough time left when its turn comes, costs no work', () => {
    const { world, log, come, go } = scene();
    come('a');
    world.run(50);
    go(0);
    // The window is closed by the next one that leaves after it; calls take 50 ms.
    world.run(60);
    come('b');
    world.run(110);
    go(60);
    world.run(120);
    come('c');
    come('gone', { isGone: () => true });
    come('late', { deadline_ms: 180 });
    world.run(150);
    go(120);
    world.run(150);
    expect(log).toEqual(['a', 'b', 'c', 'late: late']);
  });
});
