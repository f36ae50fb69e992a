// The simulator: the same machine, barrier and rules as the real system, in one thread, with a virtual clock and a virtual
// network, where everything that can go wrong does, by the dice of a seed. The same seed is the same history, always.
//
// How to read a transcript. Each line says when (virtual seconds), who, and what, in the words of PROTOCOL.md:
//
//      4.4827  A        T0/b TRY #1 → bank          coordinator A asks for the first time for TRY of branch b of transaction 0
//      4.4860  bank-1   T0/b TRY is done here       a replica of the participant has done it, and is about to commit
//      4.4864  bank     T0/b TRY takes effect       it is committed in its database, together with its barrier row
//      4.4871  A        T0/b TRY heard: done        the answer has arrived
//      4.4880  log      T0 COMMITTING               the coordinators' database has it
//      5.0000  A        CRASHES                     in capitals: what befalls a process, just before the line that follows
//      9.0000  world    HEALS                       from here on nothing goes wrong any more, and everything must end
//      9.9999  !        T0/a ...                    a promise that is broken
//
// Coordinators are A, B and C; each start is a new epoch. Participants are stock, bank, post and shop, with replicas.
// A customer's key (k0) may stand for several transactions (T0, T5) when it has asked several coordinators: one counts.
import { createCoordinator } from './coordinator/coordinator.ts';
import { anyFaults, noFaults } from './faults.ts';
import { isQuiet, judge } from './oracle/verdict.ts';
import { createParticipant, restartDatabase } from './participant/participant.ts';
import { later, start, tick } from './process.ts';
import { type Rules, realRules } from './rules.ts';
import { createTally, type Tally } from './tally.ts';
import { anyHabits, orderAt } from './workload/customer.ts';
import { operate } from './workload/operator.ts';
import { anyOrder, services } from './workload/order.ts';
import { retain } from './workload/retention.ts';
import { createWorld, type World } from './world.ts';

export interface History {
  /** None when all promises are kept. */
  readonly violations: readonly string[];
  /** How many things have happened. */
  readonly steps: number;
}

export interface HistoryOptions {
  readonly rules?: Rules;
  /** Is told what has happened. */
  readonly tally?: Tally;
  /** Is given the lines of the transcript. */
  readonly write?: (line: string) => void;
}

/** After the faults, until nothing moves; the last that comes is a message that was held up for long. */
const longest_ms = 120_000;

/** A history of its own for every seed, a whole number. */
export function runHistory(
  seed: number,
  { rules = realRules, tally = createTally(), write }: HistoryOptions = {},
): History {
  const world = createWorld(seed, rules, tally, write);
  world.faults = anyFaults(world.random);
  const faultsEnd_ms = world.random.between(2_000, 20_000);
  populate(world, faultsEnd_ms);
  return finishHistory(world, faultsEnd_ms);
}

/** Runs until all is well again and everything has ended, or a promise is broken. */
export function finishHistory(world: World, faultsEnd_ms: number): History {
  const { violations } = world.observer;
  let steps = 0;
  while (violations.length === 0 && tick(world, faultsEnd_ms)) steps++;
  if (violations.length === 0) heal(world);
  const limit_ms = faultsEnd_ms + longest_ms;
  while (violations.length === 0 && !isQuiet(world) && tick(world, limit_ms)) steps++;
  if (violations.length === 0) judge(world);
  return { violations, steps };
}

function heal(world: World): void {
  world.say?.('world', 'HEALS');
  world.faults = noFaults;
  world.healed_ms = world.agenda.now_ms;
  startAll(world);
}

export function startAll(world: World): void {
  const { coordinators, participants } = world;
  for (const { process } of coordinators) start(world, process);
  for (const replicas of participants.values()) for (const { process } of replicas) start(world, process);
}

/** @param faultsEnd_ms when faults end */
function populate(world: World, faultsEnd_ms: number): void {
  const { random, coordinators, participants } = world;
  for (const name of ['A', 'B', 'C'].slice(0, 2 + random.below(2))) coordinators.push(createCoordinator(world, name));
  const names = services.slice(0, 2 + random.below(3));
  for (const name of names) participants.set(name, createParticipant(world, name, 1 + random.below(2)));
  startAll(world);
  operate(world);
  for (const key of ['k0', 'k1', 'k2', 'k3'].slice(0, 1 + random.below(4))) {
    const order = anyOrder(random, key, names, faultsEnd_ms);
    const at_ms = random.between(0, faultsEnd_ms * 0.8);
    orderAt(world, order, at_ms, anyHabits(random));
    if (random.chance(0.2)) orderAt(world, order, at_ms + random.between(0, 3_000), anyHabits(random));
  }
  scheduleUpkeep(world, faultsEnd_ms);
}

/** As when its disk fails. */
function refuseWrites(world: World): void {
  const { random, agenda } = world;
  world.refusesUntil_ms = agenda.now_ms + random.pick([50, 500, 3_000]);
  world.say?.('log', 'REFUSES ALL WRITES for a while');
}

/** Handovers, an upgrade, restarts of databases, and what is old goes. */
function scheduleUpkeep(world: World, faultsEnd_ms: number): void {
  const { random, coordinators, participants, outside, settings } = world;
  const anyTime = () => random.between(0, faultsEnd_ms);
  for (const [index, { retire }] of coordinators.entries()) {
    if (random.chance(0.2)) later(world, outside, anyTime(), retire);
    if (settings.upgrade_ms > 0) later(world, outside, settings.upgrade_ms + 1_000 * index, retire);
  }
  for (const replicas of participants.values()) {
    if (random.chance(0.1)) later(world, outside, anyTime(), () => restartDatabase(world, replicas));
  }
  if (random.chance(0.1)) later(world, outside, anyTime(), () => refuseWrites(world));
  if (settings.logRetention_ms < Number.POSITIVE_INFINITY) retain(world);
}
