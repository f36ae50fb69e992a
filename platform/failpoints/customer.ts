// Asks for a transaction until it has an answer, at one coordinator after the other.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponse } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import { RpcError } from '@assent/rpc';
import type { Coordinator } from './world.ts';

export interface Answer {
  readonly transactionId: string;
  readonly committed: boolean;
}

const patience_ms = 60_000;
const call_ms = 2_000;

export async function insist(
  coordinators: readonly Coordinator[],
  request: RunTransactionRequestInput,
  waitFor: 'DECIDED' | 'APPLIED',
): Promise<Answer> {
  const end = Date.now() + patience_ms;
  for (let attempt = 0; ; attempt++) {
    try {
      const client = (coordinators[attempt % coordinators.length] as Coordinator).client();
      return answerOf(await client.runTransaction({ ...request, waitFor }, { timeout_ms: call_ms }));
    } catch (error) {
      // These say that the transaction can't be asked for like this, not that nobody is there.
      const isFinal = error instanceof RpcError && ['INVALID_ARGUMENT', 'ALREADY_EXISTS'].includes(error.code);
      if (isFinal || Date.now() > end) throw new Error(`no answer: ${error}`);
      await sleep(randomInt(10, 60));
    }
  }
}

function answerOf({ transactionId, state }: RunTransactionResponse): Answer {
  switch (state) {
    case 'COMMITTING':
    case 'COMMITTED':
      return { transactionId, committed: true };
    case 'ABORTING':
    case 'ABORTED':
      return { transactionId, committed: false };
    default:
      throw new Error(`${state} is no answer`);
  }
}
