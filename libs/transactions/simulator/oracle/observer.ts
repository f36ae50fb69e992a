// Watches a history as nobody in it can, and says at once when a promise is broken.
import { isFirst, isOnePhase, type Operation, type Results, type Transaction } from '../../protocol/index.ts';
import type { Answer } from '../coordinator/engine.ts';
import type { Row } from '../log/tables.ts';
import { type Order, resultOf } from '../workload/order.ts';

export type Decision = 'COMMIT' | 'ABORT';

/** How often an operation has taken effect on a branch. */
export type Effects = Partial<Record<Operation, number>>;

export interface Observer {
  readonly violations: string[];
  /** What the log has said, once and for all, also of what it has forgotten since. */
  readonly decisions: ReadonlyMap<number, Decision>;
  /** The last that the log had of each transaction. */
  readonly rows: ReadonlyMap<number, Row>;
  /** What has been parked at some time. */
  readonly parked: ReadonlySet<number>;
  /** What customers were told, by key. */
  readonly answers: ReadonlyMap<string, { readonly id: number; readonly decision: Decision }>;
  effectsOf(id: number, branch: number): Effects;
  violated(what: string): void;
  /** A row of the log has changed. */
  logged(row: Row): void;
  /** @param faults how often this operation has failed for good reasons */
  asked(
    transaction: Transaction,
    branch: number,
    operation: Operation,
    attempt: number,
    faults: number,
    id: number,
  ): void;
  /** A branch was handed the results of others. */
  given(id: number, branch: number, inputs: Results): void;
  /** An operation has taken effect at its participant. */
  took(id: number, branch: number, operation: Operation, participant: string): void;
  answered(key: string, answer: Answer): void;
}

const defaultLimit = 20;
const none: Effects = {};

export function createObserver(
  orders: readonly Order[],
  isInLog: (id: number) => boolean,
  say: ((who: string, what: string) => void) | undefined,
): Observer {
  const violations: string[] = [];
  const decisions = new Map<number, Decision>();
  const rows = new Map<number, Row>();
  const parked = new Set<number>();
  const answers = new Map<string, { id: number; decision: Decision }>();
  const effects = new Map<number, Effects>();
  const nameOf = (id: number, branch: number) => `T${id}/${orders[id]!.branches[branch]!.name}`;

  function violated(what: string): void {
    say?.('!', what);
    violations.push(what);
  }

  return {
    violations,
    decisions,
    rows,
    parked,
    answers,
    violated,
    effectsOf: (id, branch) => effects.get(id * 8 + branch) ?? none,
    logged(row) {
      const before = rows.get(row.id);
      rows.set(row.id, row);
      if (row.stuck) parked.add(row.id);
      say?.('log', describe(row, before));
      const decision = decisionOf(row.state);
      const decided = decisions.get(row.id);
      if (decided && decided !== decision) violated(`T${row.id} was decided ${decided} and is now ${row.state}`);
      if (decision) decisions.set(row.id, decision);
    },
    asked(transaction, branch, operation, attempt, faults, id) {
      const { firstPhaseRetry, secondPhaseRetry } = transaction.branches[branch]!;
      const name = `${nameOf(id, branch)} ${operation}`;
      if (isOnePhase(transaction.branches)) return;
      if (isFirst(operation)) {
        const limit = firstPhaseRetry?.maxAttempts ?? Infinity;
        if (attempt > limit) violated(`${name} is asked #${attempt}, more than ${limit} times`);
        return;
      }
      const limit = secondPhaseRetry?.maxAttempts ?? defaultLimit;
      if (faults >= limit)
        violated(`${name} is asked again after it has failed for good reasons ${faults} times, not ${limit}`);
      const needed = needs(operation);
      if (decisions.get(id) !== needed && !transaction.unlogged)
        violated(`${name} is asked before ${needed} is durable`);
    },
    given(id, branch, inputs) {
      const { branches } = orders[id]!;
      const skipped = rows.get(id)?.omitted ?? [];
      for (const name of branches[branch]!.after) {
        const before = branches.findIndex((other) => other.name === name);
        if (branches[before]!.kind === 'PREPARED' || skipped.includes(before)) continue;
        if (inputs[name] !== resultOf(id, name)) violated(`${nameOf(id, branch)} misses the result of ${name}`);
      }
    },
    took(id, branch, operation, participant) {
      const key = id * 8 + branch;
      const before = effects.get(key) ?? none;
      const times = (before[operation] ?? 0) + 1;
      effects.set(key, { ...before, [operation]: times });
      const name = `${nameOf(id, branch)} ${operation}`;
      say?.(participant, `${name} takes effect`);
      if (times > 1) violated(`${name} has taken effect ${times} times`);
      const needed = operation === 'PREPARE' ? 'COMMIT' : needs(operation);
      if (needed && decisions.get(id) !== needed) violated(`${name} has taken effect before ${needed} was durable`);
    },
    answered(key, { id, state }) {
      say?.('customer', `of ${key} is told T${id} ${state}`);
      const decision = state === 'PARKED' ? undefined : decisionOf(state);
      if (state === 'PARKED') return;
      if (!decision) return violated(`the customer of ${key} was told ${state}`);
      const before = answers.get(key);
      // What the log has forgotten was long ago, and its key may be used again.
      if (rows.has(id) && !isInLog(id)) return;
      if (before && isInLog(before.id) && (before.id !== id || before.decision !== decision)) {
        violated(`the customer of ${key} was told T${before.id} ${before.decision}, and then T${id} ${decision}`);
      }
      answers.set(key, { id, decision });
    },
  };
}

/** The decision that an operation follows from. */
function needs(operation: Operation): Decision | undefined {
  switch (operation) {
    case 'CONFIRM':
    case 'COMMIT':
    case 'DELIVER':
      return 'COMMIT';
    case 'COMPENSATE':
    case 'CANCEL':
    case 'ROLLBACK':
      return 'ABORT';
    default:
      return undefined;
  }
}

function decisionOf(state: Row['state']): Decision | undefined {
  if (state === 'RUNNING') return undefined;
  return state === 'COMMITTING' || state === 'COMMITTED' ? 'COMMIT' : 'ABORT';
}

function describe(row: Row, before: Row | undefined): string {
  const { id, state, owner, stuck, rejection, branches, omitted } = row;
  if (!before) {
    const list = branches.map(
      ({ name, kind, after, participant }) =>
        `${name} ${kind} at ${participant}${after.length ? ` after ${after.join('+')}` : ''}`,
    );
    return `T${id} ${state}, owner epoch ${owner}, key ${row.key}: ${list.join('; ')}`;
  }
  const parts = [`T${id} ${state}`];
  if (owner !== before.owner) parts.push(`owner epoch ${owner} instead of ${before.owner}`);
  if (rejection && rejection !== before.rejection) parts.push(`because ${rejection.code}`);
  if (omitted.length > before.omitted.length)
    parts.push(`without ${omitted.map((index) => branches[index]!.name).join(', ')}`);
  if (stuck)
    parts.push(
      `PARKED: ${stuck.map(({ branch, operation, fault }) => `${branches[branch]!.name} ${operation} ${fault.code}`).join(', ')}`,
    );
  if (!stuck && before.stuck) parts.push('no longer parked');
  return parts.join(', ');
}
