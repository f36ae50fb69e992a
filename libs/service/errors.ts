import { isTransient } from '@assent/postgres';
import { RpcError } from '@assent/rpc';

/** What callers are told of a database that can't answer for the moment; undefined for other errors. */
export function mapError(error: unknown): RpcError | undefined {
  if (!isTransient(error)) return undefined;
  return new RpcError('UNAVAILABLE', 'the database is not available', { reason: 'DATABASE_UNAVAILABLE', cause: error });
}
