// A coordinator process: a lease with its epoch, the transactions that it owns, the takeover of those of peers that are
// gone, and what it is asked. The rules of the coordinator's incarnation.ts and rpc.ts, on the simulator's clock.

import { anyLife } from '../agenda.ts';
import type { Act } from '../log/act.ts';
import type { Row } from '../log/tables.ts';
import { state } from '../network.ts';
import { crash, createProcess, later, type Process } from '../process.ts';
import type { Answer as Decision } from '../rules.ts';
import type { Order } from '../workload/order.ts';
import type { World } from '../world.ts';
import { changeLog } from './change.ts';
import { type Answer, createEngine, type Engine, type Milestone, type Waiter } from './engine.ts';
import { createJournal, type Journal } from './journal.ts';
import { createRecovery, type Recovery } from './recovery.ts';

export interface Coordinator {
  readonly process: Process;
  /** Answers, or says that the caller must ask again (undefined). */
  run(order: Order, milestone: Milestone, answer: (answer: Answer | undefined) => void): void;
  /** What became of transactions that are prepared by these epochs. */
  decisions(asked: readonly { id: number; epoch: number }[], answer: (decisions: readonly Decision[]) => void): void;
  /** What an operator wants. Answers whether it was done. */
  act(id: number, act: Act, answer: (done: boolean) => void): void;
  /** Hands everything over to its peers and starts again. */
  retire(): void;
}

interface Incarnation {
  readonly epoch: number;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly recovery: Recovery;
}

const follow_ms = 250;

export function createCoordinator(world: World, name: string): Coordinator {
  const { log, random, agenda, settings } = world;
  const { lease_ms } = settings;
  const process = createProcess(name, random.between(-settings.skew_ms, settings.skew_ms));
  let current: Incarnation | undefined;
  let version = 1;

  process.boot = () => {
    current = undefined;
    version = agenda.now_ms < settings.upgrade_ms ? 1 : 2;
    register();
  };

  function register(): void {
    changeLog(
      world,
      process,
      () => log.register(lease_ms, version),
      (epoch) => {
        if (epoch === undefined) return later(world, process, random.between(1, 100), register);
        const journal = createJournal(world, process, epoch);
        const engine = createEngine(world, process, epoch, journal);
        const recovery = createRecovery(world, process, epoch, engine, () => current === self);
        const self: Incarnation = { epoch, journal, engine, recovery };
        current = self;
        world.say?.(name, `is epoch ${epoch}`);
        beat(self);
      },
    );
  }

  function beat(self: Incarnation): void {
    changeLog(
      world,
      process,
      () => log.renew(self.epoch, lease_ms),
      (renewed) => {
        if (current !== self) return;
        if (renewed === false) {
          world.say?.(name, 'finds that it was fenced');
          return succeed(self);
        }
        if (renewed) {
          self.recovery.takeOver();
          self.recovery.compare();
        }
        later(world, process, (lease_ms / 4) * random.between(0.75, 1.25), () => current === self && beat(self), true);
      },
      true,
    );
  }

  /** Lets go of everything, and goes on under a new epoch. */
  function succeed(self: Incarnation): void {
    current = undefined;
    self.engine.abandon();
    register();
  }

  function join(key: string, milestone: Milestone, answer: (answer: Answer | undefined) => void, looks = 20): void {
    state(
      world,
      process,
      () => ({ row: log.byKey(key) }),
      (found) => {
        if (!found?.row) return answer(undefined);
        const { id, state: reached, rejection, stuck } = found.row;
        if (hasReached(found.row, milestone))
          return answer({ id, state: stuck && milestone === 'APPLIED' ? 'PARKED' : reached, rejection });
        if (current?.engine.join(id, waiterOf(key, milestone, answer))) return;
        if (looks === 0) return answer(undefined);
        later(world, process, follow_ms, () => join(key, milestone, answer, looks - 1), true);
      },
    );
  }

  function waiterOf(key: string, milestone: Milestone, answer: (answer: Answer | undefined) => void): Waiter {
    return { milestone, answer, moved: () => answer(undefined), taken: () => join(key, milestone, answer) };
  }

  const coordinator: Coordinator = {
    process,
    run(order, milestone, answer) {
      if (!current) return answer(undefined);
      const { key, branches, timeout_ms } = order;
      const id = world.orders.push(order) - 1;
      world.begun_ms.push(agenda.now_ms + process.skew_ms);
      world.say?.(name, `T${id}: is asked for, key ${key}`);
      current.engine.begin({ id, key, branches, timeout_ms }, waiterOf(key, milestone, answer));
    },
    decisions(asked, answer) {
      const look = () => asked.map(({ id, epoch }) => world.rules.answer(log.rows.get(id), log.isFenced(epoch)));
      state(world, process, look, (decisions) => decisions && answer(decisions));
    },
    act(id, act, answer) {
      const self = current;
      if (!self) return answer(false);
      changeLog(
        world,
        process,
        () => ({ row: log.take(self.epoch, id, act) }),
        (taken) => {
          if (!taken?.row || current !== self) return answer(false);
          world.tally.operatorActs++;
          world.say?.(name, `T${id}: ${act.type} by an operator, takes it over`);
          self.engine.adopt([taken.row]);
          answer(true);
        },
      );
    },
    retire() {
      const self = current;
      if (!self || !process.isUp) return agenda.add(500, null, anyLife, true, coordinator.retire);
      self.journal.flush(() =>
        changeLog(
          world,
          process,
          () => log.fence(self.epoch),
          () => {
            if (current !== self) return;
            current = undefined;
            world.tally.handovers++;
            world.say?.(name, 'hands everything over');
            crash(world, process, 10);
          },
        ),
      );
    },
  };
  return coordinator;
}

function hasReached({ state, stuck }: Row, milestone: Milestone): boolean {
  return (
    state === 'COMMITTED' || state === 'ABORTED' || (stuck ? true : milestone === 'DECIDED' && state !== 'RUNNING')
  );
}
