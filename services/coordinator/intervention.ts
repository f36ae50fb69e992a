// What an operator's act makes of a transaction, or why it may not be. Pure: the rules, and nothing else.
import { isOnePhase, operationOf, type Rejection, type State, type Transaction } from '@assent/transactions/protocol';

export type Intervention =
  | { readonly act: 'RETRY' }
  | { readonly act: 'SKIP'; readonly branch: string; readonly force: boolean }
  | { readonly act: 'ABORT' }
  | { readonly act: 'RESOLVE'; readonly decision: 'COMMIT' | 'ABORT'; readonly force: boolean };

/** What of a transaction the rules look at. */
export interface Subject extends Pick<Transaction, 'branches'> {
  readonly state: State;
  readonly omitted: readonly number[];
  readonly stuck: readonly { readonly branch: number }[];
  readonly isParked: boolean;
}

/** What is written; then whoever wrote it goes on with the transaction, unless it has ended. */
export interface Change {
  readonly state: State;
  readonly omitted: readonly number[];
  /** Null for none, absent to leave it as it is. */
  readonly rejection?: Rejection | null;
  /** Its deadline is now. */
  readonly expires?: true;
}

export type Verdict =
  | { readonly type: 'change'; readonly change: Change }
  /** It is so already. */
  | { readonly type: 'unchanged' }
  /** Why, and what can be done instead. */
  | { readonly type: 'refused'; readonly why: string };

export function judge(subject: Subject, intervention: Intervention): Verdict {
  switch (intervention.act) {
    case 'RETRY':
      return retry(subject);
    case 'SKIP':
      return skip(subject, intervention);
    case 'ABORT':
      return abort(subject);
    case 'RESOLVE':
      return resolve(subject, intervention);
  }
}

function retry({ state, omitted }: Subject): Verdict {
  if (hasEnded(state)) return { type: 'unchanged' };
  if (state === 'RUNNING') return refused('it is RUNNING, and tried until its deadline anyhow; it can be aborted');
  return { type: 'change', change: { state, omitted } };
}

function skip(
  { state, branches, omitted, stuck, isParked }: Subject,
  { branch, force }: Extract<Intervention, { act: 'SKIP' }>,
): Verdict {
  const index = branches.findIndex(({ name }) => name === branch);
  if (omitted.includes(index)) return { type: 'unchanged' };
  if (hasEnded(state)) return refused(`it is ${state}: nothing is left to be skipped`);
  if (state === 'RUNNING') return refused('it is RUNNING: only after its decision can a branch be skipped; abort it');
  const transaction: Transaction = { branches, progress: [], results: {} };
  if (operationOf(transaction, index, state) === undefined) {
    return refused(`it is ${state}, in which '${branch}' has nothing to do that could be skipped`);
  }
  if (!force && !stuck.some((one) => one.branch === index)) {
    const stuckNames = stuck.map((one) => `'${branches[one.branch]?.name}'`).join(', ');
    const instead = isParked ? `stuck is ${stuckNames}` : `it is ${state} and still tried`;
    return refused(
      `'${branch}' is not stuck: ${instead}; retry, or force it if somebody has done by hand what it asks`,
    );
  }
  return { type: 'change', change: { state, omitted: [...omitted, index] } };
}

function abort({ state, branches, omitted }: Subject): Verdict {
  switch (state) {
    case 'ABORTING':
    case 'ABORTED':
      return { type: 'unchanged' };
    case 'COMMITTED':
      return refused('it is COMMITTED: only a new transaction can undo it');
    case 'COMMITTING':
      return refused('it is COMMITTING, decided to commit: retry it, skip its stuck branch, or resolve it');
    case 'RUNNING': {
      // Its participant may have committed it, and decides; past the deadline it is asked to give up.
      if (isOnePhase(branches)) return { type: 'change', change: { state, omitted, expires: true } };
      const rejection = { code: 'ABORTED_BY_OPERATOR', message: 'aborted by an operator' };
      return { type: 'change', change: { state: 'ABORTING', omitted, rejection } };
    }
  }
}

function resolve(
  { state, omitted, isParked }: Subject,
  { decision, force }: Extract<Intervention, { act: 'RESOLVE' }>,
): Verdict {
  const end = decision === 'COMMIT' ? 'COMMITTED' : 'ABORTED';
  if (state === end) return { type: 'unchanged' };
  if (hasEnded(state)) return refused(`it is ${state}: only a new transaction can undo it`);
  const decided = state === 'COMMITTING' ? 'COMMIT' : state === 'ABORTING' ? 'ABORT' : undefined;
  if (!force && decided === undefined) {
    return refused('it is RUNNING, not decided yet: abort it, or force this, which may leave it half done');
  }
  if (!force && decided !== decision) {
    return refused(`its decision is to ${decided}: resolve it that way, or force this, which leaves it half done`);
  }
  if (!force && !isParked) {
    return refused(
      `it is ${state} and still tried: wait until it is parked, or force this, which may leave it half done`,
    );
  }
  if (decided === decision) return { type: 'change', change: { state: end, omitted } };
  const message = 'resolved by an operator, against its decision or before it had one';
  const rejection = decision === 'ABORT' ? { code: 'HEURISTIC', message } : null;
  return { type: 'change', change: { state: end, omitted, rejection } };
}

function hasEnded(state: State): state is 'COMMITTED' | 'ABORTED' {
  return state === 'COMMITTED' || state === 'ABORTED';
}

function refused(why: string): Verdict {
  return { type: 'refused', why };
}
