// What must hold when the faults are over and everything has run on until nothing moves.
import { isForGood, isOnePhase, type Kind } from '../../protocol/index.ts';
import type { Row } from '../log/tables.ts';
import type { World } from '../world.ts';
import type { Decision, Effects } from './observer.ts';

/** Without faults, a transaction ends within this: its deadline, what still stands still, call timeouts and pauses before retries. */
const bound_ms = 45_000;

/** Whether nothing is left to wait for: no message, nothing open or prepared, no customer. */
export function isQuiet(world: World): boolean {
  if (world.agenda.waiting > 0) return false;
  for (const row of world.log.rows.values())
    if (row.ended_ms === undefined && !isParkedForGood(world, row)) return false;
  for (const [replica] of world.participants.values()) if (replica!.store.prepared.size > 0) return false;
  return world.customers.every(({ isServed }) => isServed);
}

/** Stuck on something that nobody has repaired. */
export function isParkedForGood(world: World, { id, stuck }: Row): boolean {
  if (!stuck || stuck.length === 0) return false;
  return stuck.every(({ branch, fault }) => {
    const script = world.orders[id]!.scripts[branch]!;
    return isForGood(fault) && fault.code === 'UNIMPLEMENTED' && script.brokenUntil_ms > world.agenda.now_ms;
  });
}

/** Says what is broken, to the observer. */
export function judge(world: World): void {
  const { observer, orders, log, participants } = world;
  const { violated } = observer;
  count(world);
  for (const [name, [replica]] of participants) {
    for (const { id, branch, epoch } of replica!.store.prepared.values()) {
      violated(`T${id}/${orders[id]!.branches[branch]!.name} is still prepared at ${name}, by epoch ${epoch}`);
    }
  }
  for (const row of log.rows.values()) {
    if (row.ended_ms === undefined && !isParkedForGood(world, row))
      violated(`T${row.id} is still ${row.stuck ? 'parked' : row.state}`);
  }
  for (const row of observer.rows.values()) judgeDuration(world, row);
  for (const { key, isServed } of world.customers) if (!isServed) violated(`the customer of ${key} has no answer`);
  for (const id of orders.keys()) judgeTransaction(world, id);
  for (const [key, { id, decision }] of observer.answers) {
    if (observer.decisions.get(id) !== decision)
      violated(`the customer of ${key} was told T${id} ${decision}, but the log has another end`);
  }
}

function count({ observer, log, tally }: World): void {
  for (const { id, branches } of observer.rows.values()) {
    if (log.rows.get(id)?.stuck) tally.parked++;
    else if (observer.decisions.get(id) === 'COMMIT') tally.committed++;
    else tally.aborted++;
    if (isOnePhase(branches)) tally.onePhase++;
  }
}

/** What was parked has waited for a person. */
function judgeDuration({ observer, orders, healed_ms }: World, { id, deadline_ms, ended_ms = 0 }: Row): void {
  const begun_ms = deadline_ms - orders[id]!.timeout_ms;
  const took_ms = ended_ms - Math.max(begun_ms, healed_ms);
  if (took_ms > bound_ms && !observer.parked.has(id)) {
    observer.violated(`T${id} took ${Math.round(took_ms)} ms to end, without a fault`);
  }
}

function judgeTransaction({ observer, orders, log }: World, id: number): void {
  const { branches } = orders[id]!;
  const row = observer.rows.get(id);
  const isParked = log.rows.get(id)?.stuck !== undefined;
  // What the log never had has never happened.
  const decision = observer.decisions.get(id) ?? 'ABORT';
  branches.forEach(({ name, kind }, branch) => {
    const stuck = isParked && row?.stuck?.some((one) => one.branch === branch || isParked);
    const isLoose = stuck || row?.omitted.includes(branch) || false;
    const fault = faultOf(kind, decision, observer.effectsOf(id, branch), isLoose);
    if (fault) observer.violated(`T${id}/${name} (${kind}) is ${fault}, but the decision is ${decision}`);
  });
}

/** @param isLoose its second phase may be missing: an operator has skipped it or will see to it, or it was read-only */
function faultOf(kind: Kind, decision: Decision, effects: Effects, isLoose: boolean): string | undefined {
  const {
    ACTION = 0,
    COMPENSATE = 0,
    TRY = 0,
    CONFIRM = 0,
    CANCEL = 0,
    PREPARE = 0,
    COMMIT_ONE_PHASE = 0,
    DELIVER = 0,
  } = effects;
  const isCommit = decision === 'COMMIT';
  const missing = isCommit ? 'not done' : 'done and not undone';
  switch (kind) {
    case 'COMPENSATABLE':
      if (isCommit) return ACTION === 1 && COMPENSATE === 0 ? undefined : ACTION === 0 ? missing : 'undone';
      return ACTION === COMPENSATE || (isLoose && COMPENSATE === 0) ? undefined : missing;
    case 'RESERVED':
      if (isCommit)
        return TRY === 1 && CANCEL === 0 && (CONFIRM === 1 || isLoose) ? undefined : CANCEL ? 'cancelled' : missing;
      return (TRY === CANCEL || (isLoose && CANCEL === 0)) && CONFIRM === 0
        ? undefined
        : CONFIRM
          ? 'confirmed'
          : missing;
    case 'PREPARED':
      if (isCommit) return PREPARE + COMMIT_ONE_PHASE === 1 || isLoose ? undefined : missing;
      return PREPARE + COMMIT_ONE_PHASE === 0 ? undefined : 'committed';
    case 'RETRIABLE':
      if (isCommit) return DELIVER === 1 || isLoose ? undefined : missing;
      return DELIVER === 0 ? undefined : 'delivered';
  }
}
