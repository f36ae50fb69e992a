// The rules of the real system, each of which the simulated one asks for by name: so that one of them can be broken on
// purpose (bugs.ts), to see that the simulator notices.
import { type BarrierOperation, type Decision, decide, endOf, type Found } from '../participant/rules.ts';
import {
  decisionOf,
  type Event,
  newTransaction,
  type Outcome,
  type Step,
  step,
  type Transaction,
} from '../protocol/index.ts';
import type { Row } from './log/tables.ts';

/** What a participant in doubt is told. */
export type Answer = 'COMMIT' | 'ABORT' | 'UNDECIDED' | 'UNKNOWN';

export interface Rules {
  step(transaction: Transaction, event: Event): Step;
  /** A transaction that was read from the log. */
  recover(row: Row): Transaction;
  /** Whether a coordinator may change a row of the log. */
  owns(row: Row, epoch: number, fenced: boolean): boolean;
  /** The barrier. */
  decide(operation: BarrierOperation, found: Found): Decision;
  /** `fenced`: whether the coordinator that asked for the PREPARE can't decide any more. */
  answer(row: Row | undefined, fenced: boolean): Answer;
  /** What the reconciler does about a prepared transaction; undefined: nothing yet. */
  reconcile(answer: Answer): 'COMMIT' | 'ROLLBACK' | undefined;
  /** What a call without an answer says about its operation. */
  outcomeOfSilence(): Outcome;
  /** Which call of a batch an outcome belongs to. */
  place(index: number, calls: number): number;
}

export const realRules: Rules = {
  step,
  recover: ({ branches, results, rejection, omitted }) =>
    newTransaction(branches, { results, omitted, ...(rejection && { rejection }) }),
  owns: (row, epoch, fenced) => row.owner === epoch && !fenced,
  decide,
  answer: (row, fenced) => decisionOf(row?.state, fenced),
  reconcile: endOf,
  outcomeOfSilence: () => ({ type: 'failed', fault: { code: 'DEADLINE_EXCEEDED', message: 'no answer' } }),
  place: (index) => index,
};
