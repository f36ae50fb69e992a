import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ExecuteResponseInput } from '@assent/protos/participant/v1/ExecuteResponse.ts';
import type { Answer } from './call.ts';

/** Performs all calls, and gives the answers as they come, those that come together in one response. */
export async function* execute(
  calls: readonly BranchCall[],
  perform: (call: BranchCall) => Promise<Answer>,
): AsyncGenerator<ExecuteResponseInput> {
  let outcomes: BranchOutcomeInput[] = [];
  let some = Promise.withResolvers<void>();
  for (const [index, call] of calls.entries()) {
    void perform(call).then((answer) => {
      outcomes.push(outcomeOf(index, answer));
      some.resolve();
    });
  }
  for (let missing = calls.length; missing > 0; ) {
    await some.promise;
    const ready = outcomes;
    outcomes = [];
    some = Promise.withResolvers();
    missing -= ready.length;
    yield { outcomes: ready };
  }
}

function outcomeOf(index: number, answer: Answer): BranchOutcomeInput {
  switch (answer.type) {
    case 'done':
      return { index, done: { result: answer.result } };
    case 'rejected':
      return { index, rejected: { code: answer.code, message: answer.message } };
    case 'failed':
      return { index, failed: { code: answer.code, message: answer.message } };
  }
}
