// What a participant does first when it has its hands full: what has begun ends before anything else begins.
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import { RpcError } from '@assent/rpc';
import { isFirst, type Operation } from '../protocol/index.ts';
import type { Answer } from './call.ts';
import { failureOf } from './failure.ts';

/** Whether a call belongs to a second phase. */
export function isSecond({ operation }: Pick<BranchCall, 'operation'>): boolean {
  return operation !== 'OPERATION_UNSPECIFIED' && !isFirst(operation as Operation);
}

const busy = failureOf(new RpcError('RESOURCE_EXHAUSTED', 'the participant has its hands full'));

/** Performs second phases only. First phases have failed, which says that nothing is known of them: they are asked again. */
export function sparing(perform: (call: BranchCall) => Promise<Answer>): (call: BranchCall) => Promise<Answer> {
  return (call) => (isSecond(call) ? perform(call) : Promise.resolve(busy));
}
