// Calls behind the barrier, all in one transaction: the rules of the participant library's batch.ts.
import { type BarrierOperation, claimsOf, type Found, type Verdict } from '../../participant/rules.ts';
import type { Operation, Outcome } from '../../protocol/index.ts';
import { state, stateAndWait } from '../network.ts';
import { later } from '../process.ts';
import { nameOf, type World } from '../world.ts';
import { decideOn } from './barrier.ts';
import { failed, type Handled, handle, workOf_ms } from './handlers.ts';
import { type BranchCall, begin, giveUp, type Replica, unreachable } from './participant.ts';
import type { DbTransaction } from './store.ts';

type Failed = Extract<Handled, { type: 'failed' }>;
type Then = (verdicts: readonly Verdict[] | Failed) => void;

const lockTimeout_ms = 2_000;
const done: Verdict = { type: 'done', result: '' };

/** A bad call harms no other: when the batch fails, each is tried alone. */
export function answerBatch(
  world: World,
  replica: Replica,
  operation: Exclude<Operation, 'COMMIT'>,
  calls: readonly BranchCall[],
  settle: (call: BranchCall, outcome: Outcome) => void,
): void {
  runBatch(world, replica, operation, calls, undefined, (verdicts) => {
    if (!('type' in verdicts)) for (const [index, call] of calls.entries()) settle(call, verdicts[index]!);
    else if (calls.length === 1) settle(calls[0]!, verdicts);
    else for (const call of calls) answerBatch(world, replica, operation, [call], settle);
  });
}

/** @param made what is to be recorded instead of asking the handler */
export function runBatch(
  world: World,
  replica: Replica,
  operation: BarrierOperation,
  calls: readonly BranchCall[],
  made: Verdict | undefined,
  then: Then,
): void {
  const { store, process } = replica;
  const transaction = begin(replica);
  const fail = (failure: Failed) => {
    giveUp(replica, transaction);
    then(failure);
  };
  stateAndWait<Found[] | undefined>(
    world,
    process,
    (answer) => store.claim(transaction, operation, calls, lockTimeout_ms, answer),
    (found) => {
      if (!found) return fail(failed('55P03', 'somebody else has the branch'));
      const decisions = found.map((one, index) => decideOn(world, replica, operation, calls[index]!, one));
      const refused = decisions.find((decision) => decision.type === 'refuse');
      if (refused) return fail(failed('FAILED_PRECONDITION', refused.message));
      const fresh = calls.filter((_, index) => decisions[index]!.type === 'run');
      const finish = (verdicts: readonly Verdict[]) => {
        const next = verdicts.values();
        const all = decisions.map((decision) => (decision.type === 'run' ? next.next().value! : (decision as Verdict)));
        commit(world, replica, transaction, claimsOf(operation).length > 1 ? all.map(() => done) : all, then);
      };
      if (fresh.length === 0) return finish([]);
      if (made) return work(world, replica, transaction, fresh, () => made, finish, fail);
      later(world, process, workOf_ms(world, fresh), () =>
        work(world, replica, transaction, fresh, (call) => handle(world, call), finish, fail),
      );
    },
  );
}

function work(
  world: World,
  { store, process }: Replica,
  transaction: DbTransaction,
  calls: readonly BranchCall[],
  handler: (call: BranchCall) => Handled,
  finish: (verdicts: readonly Verdict[]) => void,
  fail: (failure: Failed) => void,
) {
  const verdicts: Verdict[] = [];
  for (const call of calls) {
    const handled = handler(call);
    if (handled.type === 'failed') return fail(handled);
    world.say?.(process.name, `${nameOf(world, call)} ${call.operation} is ${handled.type} here`);
    store.write(transaction, call.operation as BarrierOperation, call, handled);
    verdicts.push(handled);
  }
  finish(verdicts);
}

function commit(
  world: World,
  replica: Replica,
  transaction: DbTransaction,
  verdicts: readonly Verdict[],
  then: Then,
): void {
  state(
    world,
    replica.process,
    () => replica.store.commit(transaction),
    (committed) => {
      giveUp(replica, transaction);
      then(committed ? verdicts : unreachable);
    },
  );
}
