// What a coordinator is told about an error: a code to act on, and a text that gives nothing away.
import { isTransient, sqlState } from '@assent/postgres';
import { RpcError } from '@assent/rpc';

/** The operation has not taken effect, or nobody knows: ask again. */
export interface Failure {
  readonly type: 'failed';
  /** A gRPC status name or an SQLSTATE. */
  readonly code: string;
  readonly message: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RpcError) return { type: 'failed', code: error.code, message: error.message };
  const state = sqlState(error);
  return isTransient(error)
    ? { type: 'failed', code: state ?? 'UNAVAILABLE', message: 'the database cannot do it now' }
    : { type: 'failed', code: state ?? 'INTERNAL', message: 'internal error' };
}

/** SQLSTATEs of work that lost against, or took too long because of, other work. */
const contention = new Set(['40001', '40P01', '55P03', '57014']);

/** Whether trying the calls of a failed batch one by one has a point: not when it is the database that is in trouble. */
export function mayBeOneCalls(error: unknown): boolean {
  return !isTransient(error) || contention.has(sqlState(error) ?? '');
}
