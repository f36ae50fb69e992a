// Locks of a participant's database, one for each branch: whoever claims it has it until its transaction is over.
import { type Agenda, anyLife } from '../agenda.ts';

/** Whoever holds locks. */
export interface Holder {
  readonly locks: number[];
  isOver: boolean;
}

export interface Locks {
  /** Gives the lock, now or when it is free; false when that takes too long. */
  lock(holder: Holder, key: number, timeout_ms: number, then: (granted: boolean) => void): void;
  /** Gives its locks to another. */
  handOver(from: Holder, to: Holder): void;
  /** Ends it, and gives its locks to those who wait. */
  finish(holder: Holder): void;
}

interface Waiting {
  readonly holder: Holder;
  granted: (() => void) | undefined;
}

export function createLocks(agenda: Agenda): Locks {
  const held = new Map<number, Holder>();
  const queues = new Map<number, Waiting[]>();

  function give(key: number, holder: Holder): void {
    held.set(key, holder);
    holder.locks.push(key);
  }

  function wait(key: number, waiting: Waiting): void {
    const queue = queues.get(key);
    if (queue) queue.push(waiting);
    else queues.set(key, [waiting]);
  }

  function unlock(key: number): void {
    held.delete(key);
    const queue = queues.get(key);
    for (let next = queue?.shift(); next; next = queue?.shift()) {
      const { holder, granted } = next;
      if (!granted || holder.isOver) continue;
      next.granted = undefined;
      give(key, holder);
      granted();
      return;
    }
  }

  return {
    lock(holder, key, timeout_ms, then) {
      const other = held.get(key);
      if (!other) give(key, holder);
      if (!other || other === holder) return then(true);
      const waiting: Waiting = { holder, granted: () => then(true) };
      wait(key, waiting);
      agenda.add(timeout_ms, null, anyLife, true, () => {
        const isWaiting = waiting.granted !== undefined;
        waiting.granted = undefined;
        if (isWaiting) then(false);
      });
    },
    handOver(from, to) {
      for (const key of from.locks.splice(0)) give(key, to);
      from.isOver = true;
    },
    finish(holder) {
      holder.isOver = true;
      for (const key of holder.locks.splice(0)) unlock(key);
    },
  };
}
