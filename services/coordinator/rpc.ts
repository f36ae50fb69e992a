// The coordinator's edge: checks what comes in, and answers in the words of the contract.
import { createHash } from 'node:crypto';
import { pageOf, read, timestamp } from '@assent/messages';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { RunTransactionRequest } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponseInput } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import type { TransactionInput } from '@assent/protos/coordinator/v1/Transaction.ts';
import { type Implementation, invalid, RpcError, toMessage } from '@assent/rpc';
import { mapError } from '@assent/service';
import { type Logger, traceparent } from '@assent/telemetry';
import { asTheyCome } from '@assent/transactions/batching';
import { type Branch, type Kind, type State, validate } from '@assent/transactions/protocol';
import { v7 as uuidv7 } from 'uuid';
import { type Answer, hasReached, type Milestone, movedError } from './engine.ts';
import type { Followers } from './follow.ts';
import type { Incarnation } from './incarnation.ts';
import type { Begin, LoggedTransaction, Store } from './store.ts';

const timeouts = { min_ms: 100, default_ms: 10_000, max_ms: 3_600_000 } as const;
const states: readonly State[] = ['RUNNING', 'COMMITTING', 'ABORTING', 'COMMITTED', 'ABORTED'];
const maxDecisions = 1000;
const maxRuns = 256;
const missingRequest = { field: 'request', description: 'is required' };

export function createRpc(options: {
  store: Store;
  followers: Followers;
  participants: readonly string[];
  /** The incarnation that is running now. */
  incarnation: () => Incarnation | undefined;
  log: Logger;
}): Implementation<CoordinatorServiceHandlers> {
  const { store, followers, participants, incarnation, log } = options;

  /** The key belongs to a transaction that was begun before: the same request waits for that one. */
  async function join(begin: Begin, milestone: Milestone, signal: AbortSignal): Promise<Answer> {
    const found = await store.byKey(begin.idempotencyKey);
    if (!found) throw movedError();
    if (found.fingerprint !== begin.fingerprint) {
      const message = 'the idempotency key was used for another transaction';
      throw new RpcError('ALREADY_EXISTS', message, { reason: 'IDEMPOTENCY_KEY_REUSED' });
    }
    const { transactionId, state, rejection } = found;
    if (hasReached(state, milestone)) return { transactionId, state, ...(rejection && { rejection }) };
    return incarnation()?.engine.join(transactionId, milestone) ?? followers.follow(transactionId, milestone, signal);
  }

  /** Fulfilled when the transaction has begun, or is found to have been begun before. */
  async function run(
    request: RunTransactionRequest,
    traceparent: string,
    signal: AbortSignal,
  ): Promise<{ answer: Promise<Answer> }> {
    const begin = toBegin(request, participants, traceparent);
    const milestone = request.waitFor === 'DECIDED' ? 'DECIDED' : 'APPLIED';
    const { engine } = incarnation() ?? {};
    if (!engine) throw movedError();
    return (await engine.begin(begin, milestone)) ?? { answer: join(begin, milestone, signal) };
  }

  return {
    async runTransaction(request, { signal }) {
      const { answer } = await run(request, traceparent(), signal);
      return toResponse(await answer);
    },

    async *runTransactions({ runs }, { signal }) {
      read((reader) => reader.integer('runs', runs.length, 1, maxRuns));
      const begun = runs.map(({ request, traceparent }) =>
        request ? run(request, traceparent, signal) : Promise.reject(invalid([missingRequest])),
      );
      const outcomes = begun.map((one) => outcomeOf(one, log));
      await Promise.allSettled(begun);
      yield { outcomes: [] };
      for await (const arrived of asTheyCome(outcomes)) {
        yield { outcomes: arrived.map(({ index, value }) => ({ index, ...value })) };
      }
    },

    async getTransaction(request) {
      const transactionId = read((reader) => reader.uuid('transactionId', request.transactionId));
      const [found] = await store.byIds([transactionId]);
      if (!found) throw new RpcError('NOT_FOUND', `there is no transaction ${transactionId}`);
      return { transaction: toTransaction(found) };
    },

    async listTransactions(request) {
      const { state } = request;
      const page = read((reader) => {
        if (state !== 'STATE_UNSPECIFIED') reader.oneOf('state', state, states);
        return reader.page(request, `transactions ${state}`, 'uuid');
      });
      const found = await store.list({
        limit: page.size + 1,
        ...(state !== 'STATE_UNSPECIFIED' && { state }),
        ...(page.after !== undefined && { before: page.after }),
      });
      const { items, nextPageToken } = pageOf(page, found, ({ transactionId }) => transactionId);
      return { transactions: items.map(toTransaction), nextPageToken };
    },

    async getDecisions({ transactionIds }) {
      read((reader) => {
        reader.integer('transactionIds', transactionIds.length, 1, maxDecisions);
        transactionIds.slice(0, maxDecisions).forEach((id, index) => {
          reader.uuid(`transactionIds[${index}]`, id);
        });
      });
      const found = await store.states(transactionIds);
      return { decisions: transactionIds.map((id) => decisionOf(found.get(id.toLowerCase()))) };
    },
  };
}

/** Never rejects. */
async function outcomeOf(begun: Promise<{ answer: Promise<Answer> }>, log: Logger) {
  try {
    return { response: toResponse(await (await begun).answer) };
  } catch (error) {
    const known = error instanceof RpcError ? error : mapError(error);
    if (!known) log.error({ err: error }, 'a transaction cannot be run');
    return { error: toMessage(known ?? new RpcError('INTERNAL', 'internal error')) };
  }
}

function toResponse(answer: Answer): RunTransactionResponseInput {
  return { ...answer, rejection: answer.rejection ?? null };
}

function decisionOf(state: State | undefined) {
  switch (state) {
    case undefined:
      return 'UNKNOWN';
    case 'RUNNING':
      return 'UNDECIDED';
    case 'COMMITTING':
    case 'COMMITTED':
      return 'COMMIT';
    case 'ABORTING':
    case 'ABORTED':
      return 'ABORT';
  }
}

/** @throws RpcError INVALID_ARGUMENT that names every fault */
function toBegin(request: RunTransactionRequest, participants: readonly string[], traceparent: string): Begin {
  const branches: Branch[] = request.branches.map(({ kind, ...rest }) => ({ ...rest, kind: kind as Kind }));
  return read((reader) => {
    if (!/^[\x20-\x7e]{1,255}$/.test(request.idempotencyKey)) {
      reader.wrong('idempotencyKey', 'must be 1 to 255 printable ASCII characters');
    }
    if (!/^[\x20-\x7e]{0,255}$/.test(request.fingerprint)) {
      reader.wrong('fingerprint', 'must be 255 printable ASCII characters at most');
    }
    for (const { field, description } of validate(branches)) reader.wrong(field, description);
    branches.slice(0, 64).forEach(({ participant }, index) => {
      if (!participants.includes(participant)) {
        reader.wrong(`branches[${index}].participant`, `must be one of ${participants.join(', ')}`);
      }
    });
    const { timeout } = request;
    const timeout_ms = timeout ? Number(timeout.seconds) * 1000 + timeout.nanos / 1e6 : timeouts.default_ms;
    if (!(timeout_ms >= timeouts.min_ms && timeout_ms <= timeouts.max_ms)) {
      reader.wrong('timeout', `must be ${timeouts.min_ms} ms to ${timeouts.max_ms} ms`);
    }
    return {
      transactionId: uuidv7(),
      idempotencyKey: request.idempotencyKey,
      fingerprint: request.fingerprint || digest(branches),
      branches,
      traceparent,
      timeout_ms,
    };
  });
}

function digest(branches: readonly Branch[]): string {
  return createHash('sha256').update(JSON.stringify(branches)).digest('hex');
}

function toTransaction(transaction: LoggedTransaction): TransactionInput {
  return {
    transactionId: transaction.transactionId,
    state: transaction.state,
    branches: transaction.branches.map((branch) => ({ ...branch, after: [...branch.after] })),
    rejection: transaction.rejection ?? null,
    createTime: timestamp(transaction.createdAt),
    decideTime: transaction.decidedAt ? timestamp(transaction.decidedAt) : null,
    endTime: transaction.endedAt ? timestamp(transaction.endedAt) : null,
    deadline: timestamp(transaction.deadline),
    owner: transaction.owner.toString(),
    traceparent: transaction.traceparent,
  };
}
