// A transaction with all that can be known of it: the log's record, the operators' acts, and how far its coordinator is.
import { timestamp } from '@assent/messages';
import type { BranchProgressInput } from '@assent/protos/coordinator/v1/BranchProgress.ts';
import type { TransactionInput } from '@assent/protos/coordinator/v1/Transaction.ts';
import type { BranchView } from './engine.ts';
import type { Peers } from './peers.ts';
import type { Shard } from './shards.ts';
import type { LoggedTransaction } from './store/index.ts';
import { toTransaction } from './transaction.ts';

/**
 * As its own coordinator sees it, if that can be asked; otherwise as the log has it. Without `peers` nobody else is asked.
 * Who has acted, and why, is for operators only.
 */
export async function view(
  { store, incarnation }: Pick<Shard, 'store' | 'incarnation'>,
  found: LoggedTransaction,
  { peers, forOperator }: { readonly peers?: Peers | undefined; readonly forOperator: boolean },
): Promise<TransactionInput> {
  const { transactionId, owner, endedAt, parkedAt } = found;
  const isOpen = !endedAt && !parkedAt;
  const { epoch, engine } = incarnation() ?? {};
  const here = isOpen && owner === epoch ? engine?.look(transactionId) : undefined;
  const [acts, ownerAddress] = await Promise.all([
    forOperator ? store.actsOf(transactionId) : [],
    isOpen ? store.addressOf(owner) : '',
  ]);
  const elsewhere = isOpen && !here && ownerAddress ? await peers?.ask(ownerAddress, transactionId) : undefined;
  return {
    ...toTransaction(found),
    ...(here && { progress: here.map(fromView) }),
    ...(elsewhere && { progress: elsewhere }),
    ownerAddress,
    acts: acts.map(({ at, ...act }) => ({ ...act, time: timestamp(at) })),
  };
}

function fromView({ progress, operation, sentAt_ms, fault }: BranchView): BranchProgressInput {
  return {
    stage: progress.type,
    operation: operation ?? '',
    attempts: progress.type === 'SENT' || progress.type === 'STUCK' ? progress.attempt : 0,
    error:
      fault && progress.type !== 'SETTLED' ? { code: fault.code, message: texts[fault.code] ?? fault.message } : null,
    sendTime: sentAt_ms === undefined ? null : timestamp(new Date(sentAt_ms)),
  };
}

/** Of these the text may come from a library and tell what is inside, such as addresses. */
const texts: Readonly<Record<string, string>> = {
  CANCELLED: 'the call was cancelled',
  UNKNOWN: 'internal error',
  DEADLINE_EXCEEDED: 'no answer in time',
  INTERNAL: 'internal error',
  UNAVAILABLE: 'not available now',
};
