// Branch calls as they come, and what becomes of them.
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import { RpcError } from '@assent/rpc';
import type { Operation } from '../protocol/index.ts';
import type { Verdict } from './decide.ts';
import type { Failure } from './failure.ts';

/** A checked call: its transaction's id is a UUID in lower case, its branch fits the barrier. */
export type Call = Omit<BranchCall, 'operation'> & { readonly operation: Operation };

export type Answer = Verdict | Failure;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Throws INVALID_ARGUMENT. */
export function checkCall(call: BranchCall): Call {
  const { operation, branch } = call;
  if (!uuid.test(call.transactionId)) throw new RpcError('INVALID_ARGUMENT', 'transaction_id must be a UUID');
  if (branch > 0x7fffffff) throw new RpcError('INVALID_ARGUMENT', 'branch must be less than 2^31');
  if (operation === 'OPERATION_UNSPECIFIED') throw new RpcError('INVALID_ARGUMENT', 'operation is required');
  return { ...call, operation, transactionId: call.transactionId.toLowerCase() };
}
