// A transaction of the log in the words of the contract.
import { timestamp } from '@assent/messages';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { BranchProgressInput } from '@assent/protos/coordinator/v1/BranchProgress.ts';
import type { RetryPolicyInput } from '@assent/protos/coordinator/v1/RetryPolicy.ts';
import type { TransactionInput } from '@assent/protos/coordinator/v1/Transaction.ts';
import {
  type Branch,
  decisionOf,
  newTransaction,
  operationOf,
  type RetryPolicy,
  type State,
} from '@assent/transactions/protocol';
import { type LoggedTransaction, recordVersion } from './store/index.ts';

export const states: readonly State[] = ['RUNNING', 'COMMITTING', 'ABORTING', 'COMMITTED', 'ABORTED'];
const kinds: readonly string[] = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'];

/** What isn't known of a record of a newer version is left out. */
export function toTransaction(transaction: LoggedTransaction): TransactionInput {
  const { state, decidedAt, parkedAt, endedAt } = transaction;
  return {
    transactionId: transaction.transactionId,
    state: parkedAt ? 'PARKED' : toState(state),
    branches: transaction.branches.map(fromBranch),
    rejection: transaction.rejection ?? null,
    createTime: timestamp(transaction.createdAt),
    decideTime: decidedAt ? timestamp(decidedAt) : null,
    parkTime: parkedAt ? timestamp(parkedAt) : null,
    endTime: endedAt ? timestamp(endedAt) : null,
    deadline: timestamp(transaction.deadline),
    owner: transaction.owner.toString(),
    traceparent: transaction.traceparent,
    decision: decisionOf(state, false),
    progress: transaction.branches.map((_, index) => progressOf(transaction, index)),
  };
}

export function toState(state: State) {
  return states.includes(state) ? state : 'STATE_UNSPECIFIED';
}

/** As the log knows it: attempts and their errors are in the memory of its coordinator only. */
function progressOf(transaction: LoggedTransaction, index: number): BranchProgressInput {
  if (transaction.version > recordVersion) return {};
  const { branches, state, omitted, stuck, endedAt } = transaction;
  if (omitted.includes(index)) return { stage: 'OMITTED' };
  const found = stuck.find(({ branch }) => branch === index);
  if (found) return { stage: 'STUCK', operation: found.operation, attempts: found.attempts, error: found.fault };
  const operation = operationOf(newTransaction(branches), index, state);
  if (endedAt || !operation) return { stage: 'SETTLED' };
  return { stage: 'WAITING', operation };
}

function fromBranch({ name, participant, action, kind, after, payload, ...retries }: Branch): BranchInput {
  return {
    name,
    participant,
    action,
    kind: kinds.includes(kind) ? kind : 'KIND_UNSPECIFIED',
    after: [...after],
    payload,
    firstPhaseRetry: fromPolicy(retries.firstPhaseRetry),
    secondPhaseRetry: fromPolicy(retries.secondPhaseRetry),
  };
}

function fromPolicy(policy: RetryPolicy | undefined): RetryPolicyInput | null {
  if (!policy) return null;
  const { first_ms = 0, cap_ms = 0, maxAttempts = 0 } = policy;
  return { firstBackoff: duration(first_ms), maxBackoff: duration(cap_ms), maxAttempts };
}

function duration(time_ms: number) {
  if (time_ms === 0) return null;
  return { seconds: Math.floor(time_ms / 1000), nanos: Math.round((time_ms % 1000) * 1e6) };
}
