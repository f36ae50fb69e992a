// The coordinator's edge: checks what comes in, and answers in the words of the contract.
import { armed, reach } from '@assent/failpoints';
import { read } from '@assent/messages';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { RunTransactionRequest } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponseInput } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import { type Implementation, invalid, type Load, RpcError, toMessage } from '@assent/rpc';
import { mapError } from '@assent/service';
import { type Logger, traceparent } from '@assent/telemetry';
import { asTheyCome } from '@assent/transactions/batching';
import { decisionOf } from '@assent/transactions/protocol';
import { createActs, notFound, operatorOf } from './acts.ts';
import type { Answer } from './answer.ts';
import { listTransactions } from './listing.ts';
import { isRelayed, type Peers } from './peers.ts';
import { toBegin } from './requests.ts';
import type { Shards } from './shards.ts';
import { toState } from './transaction.ts';
import { view } from './view.ts';

const maxDecisions = 1000;
const maxRuns = 256;
const missingRequest = { field: 'request', description: 'is required' };

const urgent = { isUrgent: () => true };

/**
 * Who asks for decisions holds locks until it knows, and a person who repairs something does so because it is needed. Transactions
 * are bounded by MAX_OPEN: most of their time they wait for participants, so what tells of load is how long they take to begin.
 */
export const load: Load<CoordinatorServiceHandlers> = {
  runTransaction: 'unlimited',
  runTransactions: { weight: ({ runs }) => runs.length, until: 'first message' },
  getDecisions: urgent,
  retryTransaction: urgent,
  skipBranch: urgent,
  abortTransaction: urgent,
  resolveTransaction: urgent,
};

export function createRpc(options: {
  shards: Shards;
  /** Without them no other coordinator is asked about its transactions. */
  peers?: Peers;
  participants: readonly string[];
  log: Logger;
}): Implementation<CoordinatorServiceHandlers> {
  const { shards, peers, participants, log } = options;

  /** Fulfilled when the transaction has begun, or is found to have been begun before. */
  async function run(request: RunTransactionRequest, traceparent: string, signal: AbortSignal) {
    if (armed) await reach('run.before');
    const milestone = request.waitFor === 'DECIDED' ? 'DECIDED' : 'APPLIED';
    return shards.run(toBegin(request, participants, traceparent), milestone, signal);
  }

  return {
    async runTransaction(request, { signal }) {
      const { answer } = await run(request, traceparent(), signal);
      return await toResponse(answer);
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

    async getTransaction(request, call) {
      const transactionId = read((reader) => reader.uuid('transactionId', request.transactionId));
      const shard = shards.byId(transactionId);
      const [found] = (await shard?.store.byIds([transactionId])) ?? [];
      if (!shard || !found) throw notFound(transactionId);
      const options = { peers: isRelayed(call) ? undefined : peers, forOperator: operatorOf(call) !== undefined };
      return { transaction: await view(shard, found, options) };
    },

    listTransactions: (request, { signal }) => listTransactions(request, shards, signal),

    async getDecisions({ transactionIds, epochs }) {
      read((reader) => {
        reader.integer('transactionIds', transactionIds.length, 1, maxDecisions);
        transactionIds.slice(0, maxDecisions).forEach((id, index) => {
          reader.uuid(`transactionIds[${index}]`, id);
        });
      });
      if (armed) await reach('decisions.before');
      const found = await shards.standings(
        transactionIds.map((id, index) => ({ transactionId: id.toLowerCase(), epoch: toEpoch(epochs[index]) })),
      );
      if (armed) await reach('decisions.after');
      return {
        decisions: found.map(({ state, isAlive }) => decisionOf(state, !isAlive)),
      };
    },

    ...createActs({ shardOf: shards.byId, log }),
  };
}

/** Null where none is given; nobody has one that isn't a bigint. */
function toEpoch(epoch: string | undefined): bigint | null {
  if (epoch === undefined) return null;
  const value = BigInt(epoch);
  return value < 2n ** 63n ? value : 0n;
}

/** Never rejects. */
async function outcomeOf(begun: Promise<{ answer: Promise<Answer> }>, log: Logger) {
  try {
    return { response: await toResponse((await begun).answer) };
  } catch (error) {
    const known = error instanceof RpcError ? error : mapError(error);
    if (!known) log.error({ err: error }, 'a transaction cannot be run');
    return { error: toMessage(known ?? new RpcError('INTERNAL', 'internal error')) };
  }
}

async function toResponse(answering: Promise<Answer>): Promise<RunTransactionResponseInput> {
  const answer = await answering;
  if (armed) await reach('run.after');
  return { ...answer, state: toState(answer.state), rejection: answer.rejection ?? null };
}
