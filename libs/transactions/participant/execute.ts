import { armed, type Moment, type Operation, reach } from '@assent/failpoints';
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ExecuteResponseInput } from '@assent/protos/participant/v1/ExecuteResponse.ts';
import { asTheyCome } from '../batching/index.ts';
import type { Answer } from './call.ts';

/** Performs all calls, and gives the answers as they come, those that come together in one response. */
export async function* execute(
  calls: readonly BranchCall[],
  perform: (call: BranchCall) => Promise<Answer>,
): AsyncGenerator<ExecuteResponseInput> {
  if (armed) await reach(...calls.map(pointAt('before')));
  for await (const answers of asTheyCome(calls.map(perform))) {
    if (armed) await reach(...answers.map(({ index }) => pointAt('after')(calls[index]!)));
    yield { outcomes: answers.map(({ index, value }) => outcomeOf(index, value)) };
  }
}

function pointAt(moment: Moment) {
  return ({ operation }: BranchCall) => `execute.${operation as Operation}.${moment}` as const;
}

function outcomeOf(index: number, answer: Answer): BranchOutcomeInput {
  switch (answer.type) {
    case 'done':
      return { index, done: { result: answer.result, ...(answer.readOnly && { readOnly: true }) } };
    case 'rejected':
      return { index, rejected: { code: answer.code, message: answer.message } };
    case 'failed':
      return { index, failed: { code: answer.code, message: answer.message } };
  }
}
