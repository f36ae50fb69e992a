// The matrix: every failpoint, with every effect, in every form and ending of a transaction that comes by it.
import { type Act, acts, type Effect, effects, type Moment, moments, type Point, type Side } from '@assent/failpoints';
import { type Ending, type Form, forms, secondOperation } from './forms.ts';
import { type Walk, walk } from './walk.ts';

/** What is done beside running the transaction, so that the point is reached. */
export type Provocation =
  | 'nothing'
  /** A branch can't go on until the point has been reached. */
  | 'hold'
  /** The coordinator that runs it is killed when it has decided. */
  | 'kill'
  /** The same, and the point is on the way of that coordinator's next start. */
  | 'restart'
  /** The coordinator that runs it is told to stop, while a branch can't go on. */
  | 'stop'
  /** The second phase is broken until the transaction is parked, then mended; an operator has it tried again. */
  | 'break';

export interface Case {
  readonly name: string;
  readonly side: Side;
  readonly act: Act;
  readonly point: Point;
  readonly effect: Effect;
  readonly form: Form;
  readonly ending: Ending;
  readonly provocation: Provocation;
  /** Of the coordinators' log. */
  readonly shards: 1 | 2;
}

/** The acts that no transaction comes by on its own. */
const provoked: Partial<Record<Act, Provocation>> = {
  'log.park': 'break',
  'lease.renew': 'hold',
  'lease.register': 'restart',
  'lease.fence': 'kill',
  takeover: 'kill',
  decisions: 'kill',
  reconcile: 'kill',
  handover: 'stop',
};

/** The combinations that there are not, and why. */
const exclusions: readonly { readonly why: string; excludes(one: Omit<Case, 'name'>, walk: Walk): boolean }[] = [
  {
    why: 'a transaction comes by the acts of its branches only, and of how it ends',
    excludes: ({ act, provocation }, { undecided, decided }) =>
      provocation === 'nothing' && act !== 'log.key' && !undecided.has(act) && !decided.has(act),
  },
  {
    why: 'a deadline means nothing once it is decided, and passes only while something stands still',
    excludes: ({ act, effect, ending, provocation }, { undecided }) =>
      ending === 'EXPIRE' && !(effect === 'stall' && provocation === 'nothing' && undecided.has(act)),
  },
  {
    why: 'what happens to a coordinator while nothing is decided, or when it starts, is the same whatever the ending',
    excludes: ({ act, ending }) =>
      ending !== 'COMMIT' && ['log.key', 'lease.renew', 'lease.register', 'handover'].includes(act),
  },
  {
    why: "a participant doesn't see with what other kinds its branch is mixed",
    excludes: ({ side, form, provocation }) =>
      side === 'participant' && form.name === 'MIXED' && provocation === 'nothing',
  },
  {
    why: 'a read-only vote is about first phases and the decision',
    excludes: ({ form, provocation }) => form.name === 'READ_ONLY' && provocation !== 'nothing',
  },
  {
    why: 'in doubt is only what is prepared when its coordinator is killed',
    excludes: ({ act }, { decided }) =>
      (act === 'decisions' || act === 'reconcile') &&
      !decided.has('commit-prepared') &&
      !decided.has('rollback-prepared'),
  },
  {
    why: 'what has nothing left to do when its coordinator is killed can neither be taken over nor be parked',
    excludes: ({ act, form }, { decided }) =>
      (act === 'takeover' || act === 'log.park') &&
      form.branches.length > 1 &&
      ![...decided].some((one) => one.startsWith('send.')),
  },
  {
    why: "what is parked is stuck in a second phase of a handler's",
    excludes: ({ act, form, ending }) => act === 'log.park' && secondOperation(form, ending) === undefined,
  },
];

export function generate(): Case[] {
  return everything().flatMap(({ one, rule }) => (rule ? [] : [one]));
}

/** How many combinations each rule excludes. */
export function countExcluded(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of everything()) if (rule) counts.set(rule.why, (counts.get(rule.why) ?? 0) + 1);
  return counts;
}

/** All combinations, each with the first rule that excludes it. */
function everything() {
  return forms.flatMap((form) =>
    (['COMMIT', 'ABORT', 'EXPIRE'] as const).flatMap((ending) => {
      const walked = walk(form, ending);
      return combinations(form, ending).map((one) => ({
        one,
        rule: exclusions.find((each) => each.excludes(one, walked)),
      }));
    }),
  );
}

function combinations(form: Form, ending: Ending): Case[] {
  return (['coordinator', 'participant'] as const).flatMap((side) =>
    acts[side].flatMap((act: Act) =>
      moments.flatMap((moment: Moment) =>
        effects.map((effect): Case => {
          const point: Point = `${act}.${moment}`;
          const name = `${point}=${effect} ${form.name} ${ending}`;
          // Only with several shards is a key elsewhere.
          const shards = act === 'log.key' ? 2 : 1;
          return { name, side, act, point, effect, form, ending, provocation: provoked[act] ?? 'nothing', shards };
        }),
      ),
    ),
  );
}
