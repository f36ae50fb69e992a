// Ends prepared transactions that nobody else has ended: the rules of the participant library's reconciler.ts.
import { call, state } from '../network.ts';
import { later } from '../process.ts';
import type { Answer } from '../rules.ts';
import { nameOf, type World } from '../world.ts';
import type { Replica } from './participant.ts';
import { commit, rollback } from './prepared.ts';
import type { Prepared } from './store.ts';

const timeout_ms = 5_000;

export function reconcile(world: World, replica: Replica): void {
  const { process, store } = replica;
  const { reconcileEvery_ms, inDoubtAfter_ms } = world.settings;
  later(world, process, reconcileEvery_ms * world.random.between(0.75, 1.25), () => reconcile(world, replica), true);
  if (store.prepared.size === 0) return;
  const old = () => [...store.prepared.values()].filter(({ at_ms }) => at_ms < world.agenda.now_ms - inDoubtAfter_ms);
  state(world, process, old, (inDoubt) => inDoubt && inDoubt.length > 0 && ask(world, replica, inDoubt), true);
}

function ask(world: World, replica: Replica, inDoubt: readonly Prepared[]) {
  const coordinator = world.random.pick(world.coordinators);
  call<readonly Answer[]>(world, {
    from: replica.process,
    to: coordinator.process,
    timeout_ms,
    serve: (answer) => coordinator.decisions(inDoubt, answer),
    hear: (answers) => {
      for (const [index, branch] of inDoubt.entries()) apply(world, replica, branch, answers[index]!);
    },
    fail: () => {},
  });
}

function apply(world: World, replica: Replica, branch: Prepared, answer: Answer) {
  const end = world.rules.reconcile(answer);
  world.say?.(replica.process.name, `${nameOf(world, branch)} is in doubt, and told: ${answer}`);
  if (end) world.tally.reconciled++;
  switch (end) {
    case 'COMMIT':
      return commit(world, replica, branch, () => {});
    case 'ROLLBACK':
      return rollback(world, replica, branch, () => {});
    case undefined:
  }
}
