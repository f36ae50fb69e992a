// What is old goes: ended transactions from the log, later their barrier rows, both by the time in the transaction's id, period
// by period, as the coordinator's and the participant library's retention do it.

import type { Operation } from '../../protocol/index.ts';
import { anyLife } from '../agenda.ts';
import type { BranchKey, ParticipantStore } from '../participant/store.ts';
import type { World } from '../world.ts';

const every_ms = 2_000;
const period_ms = 2_000;
/** How long a call may take from its check to its statement: only then rows go. */
const longestHold_ms = 20_000;

export function retain(world: World): void {
  const { agenda, settings, log, participants, begun_ms } = world;
  agenda.add(every_ms, null, anyLife, true, () => retain(world));
  const before_ms = agenda.now_ms - settings.logRetention_ms;
  for (const { id, ended_ms } of log.rows.values()) {
    if (ended_ms !== undefined && begun_ms[id]! < before_ms) log.forget(id);
  }
  for (const [replica] of participants.values()) dropBarrier(world, replica!.store);
}

/** What belongs to a transaction that hasn't ended, or is prepared, keeps its whole period. */
function dropBarrier(world: World, store: ParticipantStore): void {
  const { agenda, settings, log, begun_ms } = world;
  const last = Math.floor((agenda.now_ms - settings.barrierRetention_ms) / period_ms);
  const needed = new Set<number>();
  for (const { id, ended_ms } of log.rows.values()) if (ended_ms === undefined) needed.add(periodOf(world, id));
  for (const { id } of store.prepared.values()) needed.add(periodOf(world, id));
  for (const id of begun_ms.keys()) {
    const period = periodOf(world, id);
    if (period >= last || needed.has(period)) continue;
    const closed_ms = store.closed.get(period);
    if (closed_ms === undefined) store.closed.set(period, agenda.now_ms);
    else if (agenda.now_ms - closed_ms > longestHold_ms) drop(world, store, period);
  }
}

function drop(world: World, store: ParticipantStore, period: number): void {
  store.drop((id) => periodOf(world, id) === period);
  world.tally.dropped++;
}

function periodOf({ begun_ms }: World, id: number): number {
  return Math.floor(begun_ms[id]! / period_ms);
}

const effects: readonly Operation[] = ['ACTION', 'TRY', 'PREPARE', 'COMMIT_ONE_PHASE', 'DELIVER'];

/** Whether the call comes so late that its barrier is gone: nobody can say whether it was done before. */
export function isTooLate(
  world: World,
  store: ParticipantStore,
  { id, operation }: BranchKey & { operation: Operation },
): boolean {
  return store.closed.size > 0 && effects.includes(operation) && store.closed.has(periodOf(world, id));
}
