// What customers order: a transaction of branches of all kinds in any valid order, and how each branch's handlers behave.

import type { Branch, Kind, RetryPolicy } from '../../protocol/index.ts';
import type { Random } from '../random.ts';

/** How the handlers of a branch behave. */
export interface Script {
  /** How likely a first phase is rejected. */
  readonly rejects: number;
  /** How likely an attempt fails for a reason that passes. */
  readonly stumbles: number;
  /** Until then its second phase fails for a good reason, as if its handler was missing. */
  readonly brokenUntil_ms: number;
  /** Until then its first phase does. */
  readonly missingUntil_ms: number;
  /** How likely PREPARE writes nothing. */
  readonly readOnly: number;
  /** How long its handlers work, at most. */
  readonly work_ms: number;
}

export interface Order {
  readonly key: string;
  readonly branches: readonly Branch[];
  readonly scripts: readonly Script[];
  readonly timeout_ms: number;
}

/** The services that do branches. */
export const services = ['stock', 'bank', 'post', 'shop'] as const;
const names = ['a', 'b', 'c', 'd', 'e'] as const;
const kinds: readonly Kind[] = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'];
export const maxBranches = names.length;
/** Of a branch that nothing is wrong with. */
export const plain: Script = {
  rejects: 0,
  stumbles: 0,
  brokenUntil_ms: 0,
  missingUntil_ms: 0,
  readOnly: 0,
  work_ms: 2,
};

/** @param last_ms when the last handler is repaired, unless none ever is */
export function anyOrder(random: Random, key: string, participants: readonly string[], last_ms: number): Order {
  const branches = anyBranches(random, participants);
  return {
    key,
    branches,
    scripts: branches.map(() => anyScript(random, last_ms)),
    timeout_ms: random.pick([300, 3_000, 20_000]),
  };
}

function anyBranches(random: Random, participants: readonly string[]): Branch[] {
  const style = random.next();
  const only = style < 0.5 ? kinds[Math.floor(style * 8)] : undefined;
  const count = style >= 0.28 && style < 0.32 ? 1 : 1 + random.below(maxBranches);
  const branches: Branch[] = [];
  for (let index = 0; index < count; index++) {
    const kind = only && !(only !== 'PREPARED' && random.chance(0.2)) ? only : random.pick(kinds);
    const after = branches.filter(
      (other) => random.chance(0.3) && (kind === 'RETRIABLE' || other.kind !== 'RETRIABLE'),
    );
    branches.push({
      name: names[index]!,
      participant: random.pick(participants),
      action: 'do',
      kind,
      after: after.map(({ name }) => name),
      payload: '',
      ...(random.chance(0.3) && { firstPhaseRetry: anyRetry(random) }),
      ...(random.chance(0.5) && { secondPhaseRetry: anyRetry(random) }),
    });
  }
  return branches;
}

function anyRetry(random: Random): RetryPolicy {
  return {
    first_ms: random.pick([10, 50, 200]),
    cap_ms: random.pick([200, 1_000, 2_000]),
    ...(random.chance(0.7) && { maxAttempts: 1 + random.below(4) }),
  };
}

function anyScript(random: Random, last_ms: number): Script {
  if (random.chance(0.6)) return plain;
  const until = () => random.pick([random.between(0, last_ms), last_ms, Infinity]);
  return {
    rejects: random.pick([0, 0, 0.3, 1]),
    stumbles: random.pick([0, 0, 0.2, 0.6]),
    brokenUntil_ms: random.chance(0.15) ? until() : 0,
    missingUntil_ms: random.chance(0.05) ? until() : 0,
    readOnly: random.pick([0, 0, 0.5, 1]),
    work_ms: random.pick([2, 20, 1_000, 7_000]),
  };
}

/** What the first phase of a branch (or DELIVER) results in. */
export function resultOf(id: number, name: string): string {
  return `"${name} of ${id}"`;
}
