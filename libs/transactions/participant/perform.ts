import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import { type Answer, type Call, checkCall } from './call.ts';
import { failureOf } from './failure.ts';
import type { Route } from './route.ts';

export interface Performer {
  /** Never rejects. Calls for the same operation of the same branch share one execution. */
  perform(call: BranchCall): Promise<Answer>;
  /** Resolves when all that has been asked so far is answered. */
  idle(): Promise<void>;
}

export function createPerformer(route: Route): Performer {
  const running = new Map<string, Promise<Answer>>();
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
        answer = route(call).finally(() => running.delete(key));
        running.set(key, answer);
      }
      return answer;
    },
    async idle() {
      await Promise.all(running.values());
    },
  };
}
