// Bugs on purpose: each breaks one rule of the simulated system, so that it is known that the simulator would notice. None of
// them is in the real code.
import { isOnePhase, type Step, type Transaction } from '../protocol/index.ts';
import { type Rules, realRules } from './rules.ts';

/** By name; each with the rule of PROTOCOL.md that it breaks. */
export const bugs = {
  /** P3: a first phase that comes after its undo is done all the same. */
  'no-hanging-protection': {
    decide: (operation, found) =>
      found.first.outcome === 'blocked' && /^(ACTION|TRY|PREPARE|COMMIT_ONE_PHASE)$/.test(operation)
        ? { type: 'run' }
        : realRules.decide(operation, found),
  },
  /** D2: what follows from a decision is sent while the log is still being written. */
  'decision-sent-before-durable': {
    step(transaction, event) {
      const next = realRules.step(transaction, event);
      const isDecision = next.commands.some(
        (command) => command.type === 'log' && !command.lazy && !command.record.stuck,
      );
      if (!isDecision) return next;
      const hasty = realRules.step(next.transaction, { type: 'logged' });
      return { transaction: hasty.transaction, commands: [...next.commands, ...hasty.commands] };
    },
  },
  /** O1: who was paused goes on writing about what is somebody else's by now. */
  'takeover-without-epoch-check': { owns: () => true },
  /** U2: who asks about a transaction that is still undecided is told to abort. */
  'recovery-rolls-back-preparing': {
    answer: (row, fenced) => (realRules.answer(row, fenced) === 'UNDECIDED' ? 'ABORT' : realRules.answer(row, fenced)),
  },
  /** U2: what the log doesn't have is taken for committed, and forgotten since. */
  'unknown-taken-for-committed': {
    reconcile: (answer) => (answer === 'UNKNOWN' ? 'COMMIT' : realRules.reconcile(answer)),
  },
  /** D4: no answer is taken for a no. */
  'timeouts-taken-for-rejections': {
    outcomeOfSilence: () => ({ type: 'rejected', code: 'DEADLINE_EXCEEDED', message: 'no answer' }),
  },
  /** P1: a compensation doesn't look whether it has been done. */
  'compensations-run-twice': {
    decide: (operation, found) =>
      realRules.decide(operation, operation === 'COMPENSATE' ? { ...found, claimed: true } : found),
  },
  /** D5: the end is written while the last operation is still under way. */
  'end-before-last-acknowledgement': {
    step(transaction, event) {
      const next = realRules.step(transaction, event);
      return isAlmostOver(next.transaction) && !isAlmostOver(transaction) ? withEnd(next) : next;
    },
  },
  /** A1, D3: who takes a transaction over has no limits. */
  'retry-cap-ignored-after-takeover': {
    recover: (row) =>
      realRules.recover({
        ...row,
        branches: row.branches.map((branch) => ({ ...branch, firstPhaseRetry: endless, secondPhaseRetry: endless })),
      }),
  },
  /** P7: each outcome is given to the call before its own. */
  'batch-outcomes-misattributed': { place: (index, calls) => (index + 1) % calls },
} as const satisfies Readonly<Record<string, Partial<Rules>>>;

export type Bug = keyof typeof bugs;

export function isBug(name: string): name is Bug {
  return Object.hasOwn(bugs, name);
}

export function rulesWith(bug: Bug): Rules {
  return { ...realRules, ...bugs[bug] };
}

const endless = { maxAttempts: Number.POSITIVE_INFINITY };

function isAlmostOver({ state, pending, progress, branches }: Transaction): boolean {
  if ((state !== 'COMMITTING' && state !== 'ABORTING') || pending || isOnePhase(branches)) return false;
  const open = progress.filter(({ type }) => type !== 'SETTLED' && type !== 'OMITTED');
  return open.length === 1 && open[0]!.type === 'SENT';
}

function withEnd({ transaction, commands }: Step): Step {
  const { results, rejection } = transaction;
  const state = transaction.state === 'COMMITTING' ? 'COMMITTED' : 'ABORTED';
  const record = { state, results, omitted: [], ...(rejection && { rejection }) } as const;
  return { transaction, commands: [...commands, { type: 'log', record, lazy: true }] };
}
