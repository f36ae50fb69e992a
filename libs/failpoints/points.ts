// Every place at which a process can be made to fail, as data: right before and right after each of its acts.

/** Who does the act. */
export type Side = 'coordinator' | 'participant';

const operations = [
  'ACTION',
  'COMPENSATE',
  'TRY',
  'CONFIRM',
  'CANCEL',
  'PREPARE',
  'COMMIT',
  'ROLLBACK',
  'DELIVER',
  'COMMIT_ONE_PHASE',
] as const;
/** COMMIT has no barrier row, and neither handler nor commit of its own. */
const barred = operations.filter((operation) => operation !== 'COMMIT');
/** ROLLBACK is the library's, as COMMIT is. */
const handled = barred.filter((operation) => operation !== 'ROLLBACK');

export type Operation = (typeof operations)[number];

const coordinatorActs = [
  /** A caller's request: taken in, answered. */
  'run',
  'log.begin',
  'log.decision',
  'log.end',
  'log.park',
  /** An idempotency key is claimed in another shard than its transaction's; in the same, it is logged along with that. */
  'log.key',
  /** An operation: sent, its outcome taken in. */
  ...operations.map((operation) => `send.${operation}` as const),
  /** Participants in doubt are told what was decided. */
  'decisions',
  'lease.register',
  'lease.renew',
  /** A peer whose lease has run out is fenced. */
  'lease.fence',
  'takeover',
  'handover',
] as const;

const participantActs = [
  /** An operation: taken in, answered. */
  ...operations.map((operation) => `execute.${operation}` as const),
  /** The barrier row's insert. */
  ...barred.map((operation) => `claim.${operation}` as const),
  /** The business's writes. */
  ...handled.map((operation) => `handle.${operation}` as const),
  /** PREPARE's is that of a no; a yes is prepared. */
  ...barred.map((operation) => `commit.${operation}` as const),
  'prepare',
  'commit-prepared',
  'rollback-prepared',
  /** A branch in doubt is ended as the coordinators say. */
  'reconcile',
] as const;

export const acts = { coordinator: coordinatorActs, participant: participantActs } as const;

export type Act = (typeof acts)[Side][number];

export const moments = ['before', 'after'] as const;

/** Before: the act isn't done. After: it is done, and nobody knows yet. */
export type Moment = (typeof moments)[number];

export type Point = `${Act}.${Moment}`;

export const points: readonly Point[] = Object.values(acts).flatMap((some) =>
  some.flatMap((act: Act) => moments.map((moment): Point => `${act}.${moment}`)),
);
