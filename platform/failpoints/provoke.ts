// How a case comes by its failpoint. All resolve when that has been reached, or took too long: then with false.

import type { Provocation } from './cases.ts';
import { firstOperation, secondOperation } from './forms.ts';
import type { Replica } from './replica.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const stop_ms = 30_000;

export const provoke: Readonly<Record<Provocation, (stage: Stage) => Promise<boolean>>> = {
  async nothing(stage) {
    const targets = targetsOf(stage);
    await stage.arm(...targets);
    stage.ask();
    return stage.reached(...targets);
  },

  async hold(stage) {
    const targets = targetsOf(stage);
    await stage.hold(firstOperation(stage.one.form));
    stage.ask();
    await stage.held();
    await stage.arm(...targets);
    return released(stage, stage.reached(...targets));
  },

  async kill(stage) {
    const [a, b] = stage.world.coordinators;
    const { side, act, point } = stage.one;
    const targets: readonly Replica[] = side === 'coordinator' ? [b] : stage.world.participants;
    // These come only when there is something to look after, and then perhaps at once.
    const isEarly = act === 'decisions' || act === 'reconcile' || point === 'takeover.after';
    if (isEarly) await stage.arm(...targets);
    if (!(await killDecided(stage, a))) return false;
    if (!isEarly) await stage.arm(...targets);
    return stage.reached(...targets);
  },

  async restart(stage) {
    const [a] = stage.world.coordinators;
    if (!(await killDecided(stage, a))) return false;
    await until(stop_ms, () => a.isGone());
    await a.mend(`${stage.one.point}=${stage.one.effect}`);
    return stage.reached(a);
  },

  async stop(stage) {
    const [a] = stage.world.coordinators;
    await stage.hold(firstOperation(stage.one.form));
    stage.ask();
    await stage.held();
    await stage.arm(a);
    a.stop();
    return released(stage, stage.reached(a));
  },

  async break(stage) {
    const targets = targetsOf(stage);
    await stage.hold(secondOperation(stage.one.form, stage.one.ending)!, 'FAILED_PRECONDITION');
    await stage.arm(...targets);
    stage.ask();
    return stage.reached(...targets);
  },
};

/** A, by which all transactions come; or both participants, since either may be asked. */
function targetsOf({ world, one }: Stage): readonly Replica[] {
  return one.side === 'coordinator' ? [world.coordinators[0]] : world.participants;
}

async function released(stage: Stage, reached: Promise<boolean>): Promise<boolean> {
  const isReached = await reached;
  await stage.release();
  return isReached;
}

/** What is one-phase has no decision in the log. */
async function killDecided(stage: Stage, coordinator: Replica): Promise<boolean> {
  const isOnePhase = stage.one.form.branches.length === 1;
  await coordinator.arm(`${isOnePhase ? 'send.COMMIT_ONE_PHASE.after' : 'log.decision.after'}=crash`);
  stage.ask();
  return stage.reached(coordinator);
}
