import { experimental, Metadata, status } from '@grpc/grpc-js';
import { fnv1a, mixed } from '../hash.ts';
import { avoiding } from './avoiding.ts';
import type { Child } from './child.ts';
import { abandoned, ended, type Load, started } from './load.ts';
import type { Choose } from './policy.ts';
import { type Verdict, verdictOf } from './verdict.ts';

interface Ticket {
  readonly child: Child;
  isBegun: boolean;
  isLost: boolean;
}

/**
 * Calls that were picked in this turn of the event loop. They count as in flight at once, or else a burst of calls would all
 * see the same picture and go to the same endpoints. grpc-js begins them in the same turn or not at all.
 */
const picked: Ticket[] = [];

function forgetLost(): void {
  for (const ticket of picked) {
    if (ticket.isBegun) continue;
    ticket.isLost = true;
    setLoad(ticket.child, abandoned(ticket.child.load));
  }
  picked.length = 0;
}

function setLoad(child: Child, load: Load): void {
  if (child.pool) child.pool.inFlight += load.inFlight - child.load.inFlight;
  child.load = load;
}

const FULL: experimental.PickResult = {
  pickResultType: experimental.PickResultType.DROP,
  subchannel: null,
  status: {
    code: status.RESOURCE_EXHAUSTED,
    details: 'As many calls are under way to every endpoint as there may be.',
    metadata: new Metadata(),
  },
  onCallStarted: null,
  onCallEnded: null,
};

const AGAIN: experimental.PickResult = {
  pickResultType: experimental.PickResultType.QUEUE,
  subchannel: null,
  status: null,
  onCallStarted: null,
  onCallEnded: null,
};

/** Tells how a call ended that went over the connection that its endpoint still has. */
export type Noted = (child: Child, verdict: Verdict, latency_ms: number, now_ms: number) => void;

/** Picks among connections that are ready. `header` is where a call has its key; without one it is left to chance. */
export function picker(choose: Choose<Child>, header: string | undefined, noted: Noted): experimental.Picker {
  return {
    pick({ metadata }) {
      const now_ms = performance.now();
      const chosen = avoiding(metadata, addressOf, (isFirst) =>
        choose(now_ms, keyOf(metadata, isFirst ? header : undefined)),
      );
      return chosen ? counted(chosen, now_ms, noted) : FULL;
    },
  };
}

function addressOf(child: Child | undefined): string | undefined {
  return child?.connection?.subchannel.getAddress();
}

function keyOf(metadata: Metadata, header: string | undefined): number {
  const [value] = header === undefined ? [] : metadata.get(header);
  return value === undefined ? Math.floor(Math.random() * 2 ** 32) : mixed(fnv1a(String(value)));
}

function counted(child: Child, picked_ms: number, noted: Noted): experimental.PickResult {
  const { connection } = child;
  // It was lost a moment ago: the next picker knows.
  if (!connection) return AGAIN;
  let start_ms = picked_ms;
  const ticket: Ticket = { child, isBegun: false, isLost: false };
  setLoad(child, started(child.load));
  if (picked.push(ticket) === 1) setImmediate(forgetLost);
  return {
    pickResultType: experimental.PickResultType.COMPLETE,
    subchannel: connection.subchannel,
    status: null,
    onCallStarted() {
      start_ms = performance.now();
      ticket.isBegun = true;
      if (ticket.isLost) setLoad(child, started(child.load));
    },
    onCallEnded(code) {
      const now_ms = performance.now();
      // A lost connection says so itself, and what went over it says nothing of the next one.
      const verdict = child.connection === connection ? verdictOf(code) : 'unknown';
      setLoad(child, ended(child.load, now_ms - start_ms, verdict, now_ms));
      noted(child, verdict, now_ms - start_ms, now_ms);
    },
  };
}
