// Messages between processes, and statements to databases: late, lost, twice, in any order.
import { anyLife } from './agenda.ts';
import { later, type Process } from './process.ts';
import type { World } from './world.ts';

/** How soon a caller knows that nobody listens, at most. */
const quickError_ms = 20;

/** Runs `receive` at `to` when the message arrives: never, once, or twice. */
export function send(world: World, from: Process, to: Process, life: number, receive: () => void): void {
  const { faults, random, agenda } = world;
  if (random.chance(faults.drop) || isCut(world, from) || isCut(world, to)) {
    world.tally.lostMessages++;
    world.say?.(from.name, `→ ${to.name}: a message is lost`);
    return;
  }
  agenda.add(transit_ms(world), to, life, false, receive);
  if (random.chance(faults.duplicate)) agenda.add(transit_ms(world), to, life, false, receive);
}

function isCut({ agenda }: World, process: Process): boolean {
  return process.cutUntil_ms > agenda.now_ms;
}

function transit_ms({ faults, random }: World): number {
  const usual_ms = random.between(0.2, 1.5);
  if (!random.chance(faults.delay)) return usual_ms;
  return random.between(usual_ms, random.chance(faults.stray) ? faults.stray_ms : faults.delay_ms);
}

/**
 * A call: `serve` runs at `to` and may answer, more than once; `fail` runs at `from` when it is too late, or earlier when
 * the connection breaks. Answers that come after that are heard as well: callers must not mind.
 */
export function call<Answer>(
  world: World,
  options: {
    readonly from: Process;
    readonly to: Process;
    readonly timeout_ms: number;
    readonly serve: (answer: (answer: Answer) => void) => void;
    readonly hear: (answer: Answer) => void;
    readonly fail: () => void;
  },
) {
  const { from, to, timeout_ms, serve, hear, fail } = options;
  const { life } = from;
  const answer = (given: Answer) => send(world, to, from, life, () => hear(given));
  if (!to.isUp) return later(world, from, world.random.between(0.5, quickError_ms), fail);
  send(world, from, to, anyLife, () => serve(answer));
  later(world, from, timeout_ms, fail, true);
}

/**
 * A statement: atomic, whatever becomes of the process that asked for it. `then` is given undefined when it isn't known
 * whether it was done.
 */
export function state<Answer>(
  world: World,
  process: Process,
  statement: () => Answer,
  then: (answer: Answer | undefined) => void,
  background = false,
): void {
  stateAndWait<Answer>(world, process, (answer) => answer(statement()), then, background);
}

/** A statement that may wait for others. */
export function stateAndWait<Answer>(
  world: World,
  process: Process,
  statement: (answer: (answer: Answer) => void) => void,
  then: (answer: Answer | undefined) => void,
  background = false,
) {
  const { faults, random, agenda } = world;
  if (random.chance(faults.lostStatement)) {
    return later(world, process, random.between(1, 100), () => then(undefined), background);
  }
  const { life } = process;
  const reply = (answer: Answer) => {
    const isLost = random.chance(world.faults.lostAnswer);
    agenda.add(toDatabase_ms(world, process), process, life, background, () => then(isLost ? undefined : answer));
  };
  agenda.add(toDatabase_ms(world, process), null, anyLife, background, () => statement(reply));
}

/** One way. In a stall it is this way that is late, or the other. */
function toDatabase_ms({ random, agenda }: World, { stalledUntil_ms }: Process): number {
  const usual_ms = random.between(0.1, 0.6);
  if (stalledUntil_ms <= agenda.now_ms || random.chance(0.5)) return usual_ms;
  return stalledUntil_ms - agenda.now_ms + usual_ms;
}
