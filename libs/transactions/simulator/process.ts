// Processes, and what happens to them: they crash and start again with nothing, or stand still and go on with what they
// remember. It can happen to them before anything that they do.
import { anyLife, type Entry } from './agenda.ts';
import type { World } from './world.ts';

export interface Process {
  readonly name: string;
  /** Counts its starts. What a life has begun, the next one knows nothing of. */
  life: number;
  isUp: boolean;
  /** Stands still until then. */
  pausedUntil_ms: number;
  /** Cut off from the network until then. */
  cutUntil_ms: number;
  /** What it asks of its database arrives only then. */
  stalledUntil_ms: number;
  /** How wrong its own clock is. */
  readonly skew_ms: number;
  /** Whether faults befall it. */
  isMortal: boolean;
  /** Starts with nothing. */
  boot: () => void;
  /** What a crash does beside making it forget. */
  onCrash: () => void;
}

export function createProcess(name: string, skew_ms = 0): Process {
  return {
    name,
    life: 0,
    isUp: false,
    isMortal: true,
    pausedUntil_ms: 0,
    cutUntil_ms: 0,
    stalledUntil_ms: 0,
    skew_ms,
    boot: () => {},
    onCrash: () => {},
  };
}

export function start(world: World, process: Process): void {
  if (process.isUp) return;
  process.isUp = true;
  process.life++;
  world.say?.(process.name, 'starts');
  process.boot();
}

export function crash(world: World, process: Process, downFor_ms: number): void {
  process.isUp = false;
  process.pausedUntil_ms = 0;
  process.stalledUntil_ms = 0;
  process.life++;
  world.tally.crashes++;
  world.say?.(process.name, 'CRASHES');
  process.onCrash();
  world.agenda.add(downFor_ms, null, anyLife, false, () => start(world, process));
}

/** Something that a process does later, if it lives until then. */
export function later(world: World, process: Process, delay_ms: number, run: () => void, background = false) {
  world.agenda.add(delay_ms, process, process.life, background, run);
}

/** Does the next thing on the agenda before `until_ms`; false when there is none. */
export function tick(world: World, until_ms: number): boolean {
  const entry = world.agenda.next(until_ms);
  if (!entry) return false;
  const { process } = entry;
  if (process === null) entry.run();
  else if (process.isUp && (entry.life === anyLife || entry.life === process.life)) act(world, process, entry);
  return true;
}

function act(world: World, process: Process, entry: Entry) {
  const { faults, random, agenda } = world;
  if (process.pausedUntil_ms > agenda.now_ms) return agenda.putOff(entry, process.pausedUntil_ms);
  // What comes again and again is struck less often: there is more of it, and less to be learnt from it.
  const strike = entry.background ? faults.strike / 8 : faults.strike;
  if (strike > 0 && process.isMortal && random.next() < strike) {
    if (!befall(world, process, random.next())) return;
    if (process.pausedUntil_ms > agenda.now_ms) return agenda.putOff(entry, process.pausedUntil_ms);
  }
  entry.run();
}

/** False when it is dead. What it was about to do is lost then, or late. */
function befall(world: World, process: Process, kind: number): boolean {
  const { faults, random, agenda, say } = world;
  const while_ms = random.between(faults.pause_ms / 4, faults.pause_ms);
  const until_ms = agenda.now_ms + while_ms;
  const forHowLong = `for ${Math.round(while_ms)} ms`;
  if (kind < faults.crashes) {
    crash(world, process, random.between(1, faults.down_ms));
    return false;
  }
  if (kind < faults.crashes + faults.pauses) {
    world.tally.standstills++;
    process.pausedUntil_ms = until_ms;
    say?.(process.name, `STANDS STILL ${forHowLong}`);
  } else if (kind < faults.crashes + faults.pauses + faults.stalls) {
    process.stalledUntil_ms = until_ms;
    say?.(process.name, `REACHES ITS DATABASE LATE ${forHowLong}`);
  } else {
    process.cutUntil_ms = until_ms;
    say?.(process.name, `IS CUT OFF ${forHowLong}`);
  }
  return true;
}
