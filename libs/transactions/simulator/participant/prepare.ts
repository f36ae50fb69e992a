// PREPARE: the rules of the participant library's prepare.ts, on the simulator's clock.
import type { Found, Verdict } from '../../participant/rules.ts';
import type { Outcome } from '../../protocol/index.ts';
import { state, stateAndWait } from '../network.ts';
import { later } from '../process.ts';
import { nameOf, type World } from '../world.ts';
import { decideOn } from './barrier.ts';
import { runBatch } from './batch.ts';
import { failed, handle, workOf_ms } from './handlers.ts';
import { type BranchCall, begin, giveUp, type Replica, unreachable } from './participant.ts';
import { type DbTransaction, keyOf } from './store.ts';

type Then = (outcome: Outcome) => void;

const busy_ms = 50;
const done: Verdict = { type: 'done', result: '' };

/** Who asks again looks first: the row of what is prepared can't be seen, only waited for. */
export function prepare(world: World, replica: Replica, call: BranchCall, then: Then) {
  const prepareNow = () => claim(world, replica, call, then);
  if (call.attempt === 1) return prepareNow();
  look(world, replica, call, then, prepareNow);
}

function look(world: World, replica: Replica, call: BranchCall, then: Then, otherwise: () => void): void {
  state(
    world,
    replica.process,
    () => replica.store.prepared.has(keyOf(call)),
    (has) => {
      if (has === undefined) then(unreachable);
      else if (has) then(done);
      else otherwise();
    },
  );
}

function claim(world: World, replica: Replica, call: BranchCall, then: Then) {
  const { store, process } = replica;
  const transaction = begin(replica);
  stateAndWait<Found[] | undefined>(
    world,
    process,
    (answer) => store.claim(transaction, 'PREPARE', [call], busy_ms, answer),
    (found) => {
      if (!found) {
        giveUp(replica, transaction);
        return look(world, replica, call, then, () => then(failed('UNAVAILABLE', 'the same branch is being prepared')));
      }
      const decision = decideOn(world, replica, 'PREPARE', call, found[0]!);
      if (decision.type === 'run')
        return later(world, process, workOf_ms(world, [call]), () => work(world, replica, transaction, call, then));
      giveUp(replica, transaction);
      then(decision.type === 'refuse' ? failed('FAILED_PRECONDITION', decision.message) : decision);
    },
  );
}

function work(world: World, replica: Replica, transaction: DbTransaction, call: BranchCall, then: Then) {
  const handled = handle(world, call);
  if (handled.type === 'done' && !handled.readOnly) {
    replica.store.write(transaction, 'PREPARE', call, handled);
    return leave(world, replica, transaction, call, handled, then);
  }
  giveUp(replica, transaction);
  const how = handled.type === 'done' ? 'read-only' : handled.type;
  if (how === 'read-only') world.tally.readOnly++;
  world.say?.(replica.process.name, `${nameOf(world, call)} PREPARE is ${how} here`);
  if (handled.type !== 'rejected') return then(handled);
  // A no is recorded in a transaction of its own, unless something else has been recorded meanwhile.
  runBatch(world, replica, 'PREPARE', [call], handled, (verdicts) =>
    then('type' in verdicts ? verdicts : verdicts[0]!),
  );
}

/** PREPARE TRANSACTION. */
function leave(
  world: World,
  replica: Replica,
  transaction: DbTransaction,
  call: BranchCall,
  verdict: Verdict,
  then: Then,
): void {
  const statement = () => {
    const isPrepared = replica.store.prepare(transaction, call, call.epoch);
    if (isPrepared) world.say?.(replica.process.name, `${nameOf(world, call)} is PREPARED by epoch ${call.epoch}`);
    return isPrepared;
  };
  state(world, replica.process, statement, (prepared) => {
    giveUp(replica, transaction);
    then(prepared ? verdict : unreachable);
  });
}
