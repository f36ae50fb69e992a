import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import { type Code, RpcError } from '@assent/rpc';
import { type Answer, type Call, checkCall } from './call.ts';
import { failureOf } from './failure.ts';
import type { Lanes } from './lanes.ts';

export interface Performer {
  /** Never rejects. Calls for the same operation of the same branch share one execution. */
  perform(call: BranchCall): Promise<Answer>;
  /** Resolves when all that has been asked so far is answered. */
  idle(): Promise<void>;
}

export function createPerformer(lanes: Lanes): Performer {
  const running = new Map<string, Promise<Answer>>();

  function submit(call: Call): Promise<Answer> {
    const lane = lanes(call.operation, call.action);
    if (!lane) return fail('UNIMPLEMENTED', `there is no ${call.operation} of an action '${call.action}' here`);
    return lane.submit(call) ?? fail('RESOURCE_EXHAUSTED', 'too many calls are waiting');
  }

  return {
    perform(wire) {
      let call: Call;
      try {
        call = checkCall(wire);
      } catch (error) {
        return Promise.resolve(failureOf(error));
      }
      const key = `${call.operation} ${call.transactionId} ${call.branch}`;
      let answer = running.get(key);
      if (!answer) {
        answer = submit(call).finally(() => running.delete(key));
        running.set(key, answer);
      }
      return answer;
    },
    async idle() {
      await Promise.all(running.values());
    },
  };
}

function fail(code: Code, message: string): Promise<Answer> {
  return Promise.resolve(failureOf(new RpcError(code, message)));
}
