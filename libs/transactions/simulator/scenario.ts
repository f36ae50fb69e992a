// Histories that are told, not diced: who orders what, and what befalls whom just then. They are the transcripts to learn from.
import { anyLife } from './agenda.ts';
import { createCoordinator } from './coordinator/coordinator.ts';
import { finishHistory, startAll } from './history.ts';
import { createParticipant } from './participant/participant.ts';
import { crash, type Process } from './process.ts';
import { realRules } from './rules.ts';
import { createTally } from './tally.ts';
import { orderAt } from './workload/customer.ts';
import { operate } from './workload/operator.ts';
import type { Order } from './workload/order.ts';
import { createWorld, type World } from './world.ts';

export interface Scenario {
  /** Of the file. */
  readonly name: string;
  /** What it shows, in a few sentences. */
  readonly story: readonly string[];
  readonly order: Order;
  /** What happens right after a line with this text. */
  readonly turns: readonly { readonly on: string; readonly befall: (world: World) => void }[];
  /** When nothing more befalls anybody. */
  readonly faultsEnd_ms: number;
}

const settings = {
  lease_ms: 2_000,
  callTimeout_ms: 1_000,
  reconcileEvery_ms: 800,
  inDoubtAfter_ms: 300,
  upgrade_ms: 0,
  skew_ms: 0,
  logRetention_ms: Number.POSITIVE_INFINITY,
  barrierRetention_ms: Number.POSITIVE_INFINITY,
};
const habits = { milestone: 'APPLIED', timeout_ms: 5_000, isPatient: true, isForgetful: false } as const;

/** The transcript. Throws when a promise is broken. */
export function tell({ story, order, turns, faultsEnd_ms }: Scenario): string {
  const lines: string[] = [];
  let left = [...turns];
  const world: World = { ...createWorld(1, realRules, createTally(), write), settings };

  function write(line: string): void {
    lines.push(line);
    const now = left.filter(({ on }) => line.includes(on));
    left = left.filter((turn) => !now.includes(turn));
    for (const { befall } of now) world.agenda.add(0, null, anyLife, false, () => befall(world));
  }

  world.coordinators.push(createCoordinator(world, 'A'), createCoordinator(world, 'B'));
  for (const name of new Set(order.branches.map(({ participant }) => participant))) {
    world.participants.set(name, createParticipant(world, name, 2));
  }
  startAll(world);
  operate(world);
  orderAt(world, order, 100, { ...habits, first: world.coordinators[0] });
  const { violations } = finishHistory(world, faultsEnd_ms);
  if (violations.length > 0) throw new Error(violations.join('; '));
  if (left.length > 0) throw new Error(`never said: ${left[0]!.on}`);
  return [...story.map((line) => `# ${line}`), '', ...lines, ''].join('\n');
}

export function processOf({ coordinators, participants }: World, name: string): Process {
  const all = [...coordinators, ...[...participants.values()].flat()];
  return all.find(({ process }) => process.name === name)!.process;
}

export function standStill(world: World, name: string, for_ms: number): void {
  processOf(world, name).pausedUntil_ms = world.agenda.now_ms + for_ms;
  world.say?.(name, `STANDS STILL for ${for_ms} ms`);
}

export function reachDatabaseLate(world: World, name: string, for_ms: number): void {
  processOf(world, name).stalledUntil_ms = world.agenda.now_ms + for_ms;
  world.say?.(name, `REACHES ITS DATABASE LATE for ${for_ms} ms`);
}

export function die(world: World, name: string, downFor_ms: number): void {
  crash(world, processOf(world, name), downFor_ms);
}
