// The virtual clock: what is to happen, by time (a binary heap). Time passes only from one entry to the next.
import type { Process } from './process.ts';

export interface Entry {
  at_ms: number;
  /** Breaks ties, so that a history can be repeated. */
  readonly order: number;
  /** Who does it; null for the databases, which neither crash nor pause. */
  readonly process: Process | null;
  /** It happens in this life of the process only; `anyLife` when it doesn't matter. */
  readonly life: number;
  /** It comes again and again for as long as the history lasts, and so is nothing to wait for. */
  readonly background: boolean;
  readonly run: () => void;
}

export const anyLife = -1;

export interface Agenda {
  now_ms: number;
  /** Entries that aren't background. */
  waiting: number;
  add(delay_ms: number, process: Process | null, life: number, background: boolean, run: () => void): void;
  /** Puts an entry off, behind nothing that was added before it. */
  putOff(entry: Entry, until_ms: number): void;
  /** The next entry, when that is before `until_ms`; the clock then shows its time. */
  next(until_ms: number): Entry | undefined;
}

export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let added = 0;

  function push(entry: Entry): void {
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above]!;
      if (!isBefore(entry, other)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = entry;
    if (!entry.background) agenda.waiting++;
  }

  function pop(): Entry {
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) sink(last);
    if (!first.background) agenda.waiting--;
    return first;
  }

  function sink(entry: Entry): void {
    const { length } = heap;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, entry)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = entry;
  }

  const agenda: Agenda = {
    now_ms: 0,
    waiting: 0,
    add(delay_ms, process, life, background, run) {
      push({ at_ms: agenda.now_ms + delay_ms, order: added++, process, life, background, run });
    },
    putOff(entry, until_ms) {
      entry.at_ms = until_ms;
      push(entry);
    },
    next(until_ms) {
      if (heap.length === 0 || heap[0]!.at_ms >= until_ms) return undefined;
      const entry = pop();
      agenda.now_ms = entry.at_ms;
      return entry;
    },
  };
  return agenda;
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at_ms < other.at_ms || (one.at_ms === other.at_ms && one.order < other.order);
}
