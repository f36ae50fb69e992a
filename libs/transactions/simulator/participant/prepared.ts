// COMMIT and ROLLBACK of prepared branches: the rules of the participant library's prepared.ts.
import type { Found, Verdict } from '../../participant/rules.ts';
import type { Outcome } from '../../protocol/index.ts';
import { state, stateAndWait } from '../network.ts';
import { nameOf, type World } from '../world.ts';
import { decideOn } from './barrier.ts';
import { failed } from './handlers.ts';
import { begin, giveUp, type Replica, unreachable } from './participant.ts';
import type { BranchKey } from './store.ts';

type Then = (outcome: Outcome) => void;

const done: Verdict = { type: 'done', result: '' };
const patience_ms = [20, 50, 100, 200, 500, 1_000];

export function commit(world: World, replica: Replica, branch: BranchKey, then: Then): void {
  const { store, process } = replica;
  const end = () => ended(world, replica, 'COMMIT', branch);
  state(world, process, end, (committed) => {
    if (committed === undefined) return then(unreachable);
    if (committed) return then(done);
    state(
      world,
      process,
      () => store.outcomeOf(branch) ?? 'unknown',
      (outcome) => {
        if (outcome === undefined) then(unreachable);
        else if (outcome === 'done') then(done);
        else then(failed('FAILED_PRECONDITION', `COMMIT of a branch that is not prepared but ${outcome}`));
      },
    );
  });
}

/** Also of a branch that was never prepared: it won't be any more. Rejected when the branch is committed. */
export function rollback(world: World, replica: Replica, branch: BranchKey, then: Then, round = 0) {
  const timeout_ms = patience_ms[round];
  if (timeout_ms === undefined) return then(failed('55P03', 'the branch is being prepared'));
  state(
    world,
    replica.process,
    () => ended(world, replica, 'ROLLBACK', branch),
    (ended) => {
      if (ended === undefined) return then(unreachable);
      block(world, replica, branch, timeout_ms, then, () => rollback(world, replica, branch, then, round + 1));
    },
  );
}

function block(
  world: World,
  replica: Replica,
  branch: BranchKey,
  timeout_ms: number,
  then: Then,
  again: () => void,
): void {
  const { store, process } = replica;
  const transaction = begin(replica);
  const finish = (outcome: Outcome) => {
    giveUp(replica, transaction);
    then(outcome);
  };
  stateAndWait<Found[] | undefined>(
    world,
    process,
    (answer) => store.claim(transaction, 'ROLLBACK', [branch], timeout_ms, answer),
    (found) => {
      if (!found) {
        giveUp(replica, transaction);
        return again();
      }
      const decision = decideOn(world, replica, 'ROLLBACK', branch, found[0]!);
      if (decision.type === 'run' || decision.type === 'refuse')
        return finish(failed('FAILED_PRECONDITION', 'not to be rolled back'));
      if (decision.type === 'rejected') return finish(decision);
      state(
        world,
        process,
        () => store.commit(transaction),
        (committed) => finish(committed ? decision : unreachable),
      );
    },
  );
}

function ended(world: World, { store, process }: Replica, verb: 'COMMIT' | 'ROLLBACK', branch: BranchKey): boolean {
  const isEnded = store.end(verb, branch);
  if (isEnded) world.say?.(process.name, `${nameOf(world, branch)} ${verb} PREPARED`);
  return isEnded;
}
