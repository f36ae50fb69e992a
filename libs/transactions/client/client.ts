// Runs transactions at a coordinator. Those that are to be run at the same time share a call, as long as it takes the
// coordinator to log that the ones before have begun.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponse } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import { backoff_ms, type CallOptions, type Client, fromMessage, RpcError, type StatusMessage } from '@assent/rpc';
import { traceparent, withTraceparent } from '@assent/telemetry';
import { createCollector } from '../batching/index.ts';

export interface TransactionClient {
  /**
   * Runs a transaction, trying again (the idempotency key makes that safe) when its coordinator dies or hands over. Fails
   * with an RpcError; after DEADLINE_EXCEEDED the transaction goes on, and the same request joins it.
   */
  runTransaction(
    request: RunTransactionRequestInput,
    options: Required<Pick<CallOptions, 'timeout_ms'>> & Pick<CallOptions, 'parent'>,
  ): Promise<RunTransactionResponse>;
}

interface Run {
  readonly request: RunTransactionRequestInput;
  readonly traceparent: string;
  readonly resolve: (response: RunTransactionResponse) => void;
  readonly reject: (error: RpcError) => void;
}

type Coordinator = Pick<Client<CoordinatorServiceHandlers>, 'runTransactions'>;

const batchSize = 256;
const batches = 256;
const maxWaiting = 10_000;
const backoff = { first_ms: 20, cap_ms: 1_000 } as const;

/** @param callTimeout_ms how long the transactions of one call may take */
export function createTransactionClient(coordinator: Coordinator, callTimeout_ms: number): TransactionClient {
  let waiting = 0;
  const add = createCollector<Run>({
    batchSize,
    batches,
    send: (runs, heard) => send(coordinator, runs, heard, callTimeout_ms),
  });

  function attempt(request: RunTransactionRequestInput): Promise<RunTransactionResponse> {
    return new Promise((resolve, reject) => add({ request, traceparent: traceparent(), resolve, reject }));
  }

  async function insist(request: RunTransactionRequestInput, deadline: AbortSignal): Promise<RunTransactionResponse> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(request);
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== 'UNAVAILABLE' || deadline.aborted) throw error;
        const wait_ms = backoff_ms(attempts, backoff, Math.random());
        await sleep(wait_ms + (error.retryDelay_ms ?? 0), undefined, { signal: deadline }).catch(() => {});
      }
    }
  }

  return {
    async runTransaction(request, { parent, timeout_ms }) {
      // A signal that has been raised before says nothing to those who listen now.
      parent?.signal.throwIfAborted();
      if (waiting >= maxWaiting) {
        throw new RpcError('RESOURCE_EXHAUSTED', 'too many transactions are under way', { retryDelay_ms: 500 });
      }
      waiting++;
      const over = new AbortController();
      const until_ms = Math.min(timeout_ms, (parent?.deadline_ms ?? Infinity) - performance.now());
      const late = setTimeout(() => over.abort(lateError()), Math.max(0, until_ms));
      const leave = () => over.abort(parent?.signal.reason);
      parent?.signal.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([insist(request, over.signal), rejection(over.signal)]);
      } finally {
        waiting--;
        clearTimeout(late);
        parent?.signal.removeEventListener('abort', leave);
        over.abort();
      }
    },
  };
}

/** One call. Every run gets its outcome: one without has an unknown outcome, and may be tried again. */
async function send(
  coordinator: Coordinator,
  runs: readonly Run[],
  heard: () => void,
  timeout_ms: number,
): Promise<void> {
  const open = new Set(runs.keys());
  let failure = new RpcError('UNAVAILABLE', 'the coordinator ended its answer early');
  try {
    const request = { runs: runs.map(({ request, traceparent }) => ({ request, traceparent })) };
    // The call is traced with its first transaction; the coordinator goes on with the trace of each.
    const responses = withTraceparent(runs[0]?.traceparent ?? '', () =>
      coordinator.runTransactions(request, { timeout_ms }),
    );
    for await (const { outcomes } of responses) {
      heard();
      for (const { index, response, error } of outcomes) {
        if (!open.delete(index)) continue;
        if (response) runs[index]?.resolve(response);
        else runs[index]?.reject(error ? fromMessage(error as StatusMessage) : failure);
      }
    }
  } catch (error) {
    if (error instanceof RpcError) failure = error;
  }
  for (const index of open) runs[index]?.reject(failure);
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function lateError(): RpcError {
  return new RpcError('DEADLINE_EXCEEDED', 'the transaction did not end in time; the same request joins it');
}
