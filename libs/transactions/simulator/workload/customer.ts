// Customers, who ask any coordinator, and ask again with the same key when they hear nothing.
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { Answer, Milestone } from '../coordinator/engine.ts';
import { call } from '../network.ts';
import { later } from '../process.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Order } from './order.ts';

export interface Customer {
  readonly key: string;
  isServed: boolean;
}

export interface Habits {
  readonly milestone: Milestone;
  readonly timeout_ms: number;
  /** Asks until it has an answer. */
  readonly isPatient: boolean;
  /** Forgets, and asks again later. */
  readonly isForgetful: boolean;
  /** Whom it asks first; without it any coordinator. */
  readonly first?: Coordinator | undefined;
}

const retry_ms = 1_000;

export function anyHabits(random: Random): Habits {
  return {
    milestone: random.chance(0.3) ? 'DECIDED' : 'APPLIED',
    timeout_ms: random.pick([1_000, 5_000, 15_000]),
    isPatient: random.chance(0.9),
    isForgetful: random.chance(0.3),
  };
}

export function orderAt(world: World, order: Order, at_ms: number, habits: Habits): void {
  const { random, observer, customers, outside } = world;
  const customer: Customer = { key: order.key, isServed: false };
  customers.push(customer);

  function ask(to: Coordinator): void {
    let isOver = false;
    call<Answer | undefined>(world, {
      from: outside,
      to: to.process,
      timeout_ms: habits.timeout_ms,
      serve: (answer) => to.run(order, habits.milestone, answer),
      hear(answer) {
        if (answer) hear(answer);
        else if (!isOver) askAgain();
        isOver = true;
      },
      fail() {
        if (!isOver) askAgain();
        isOver = true;
      },
    });
  }

  function hear(answer: Answer): void {
    observer.answered(order.key, answer);
    const isFirst = !customer.isServed;
    customer.isServed = true;
    if (isFirst && habits.isForgetful) later(world, outside, random.between(0, 10_000), askAnyone);
  }

  function askAgain(): void {
    if (!habits.isPatient) customer.isServed = true;
    if (!customer.isServed) later(world, outside, random.between(20, retry_ms), askAnyone, true);
  }

  const askAnyone = () => ask(random.pick(world.coordinators));
  later(world, outside, at_ms, () => (habits.first ? ask(habits.first) : askAnyone()));
}
