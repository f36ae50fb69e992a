import { type Code, RpcError } from '@assent/rpc';

// Of these the text may come from a library and tell what is inside, such as addresses.
const insideText: Partial<Record<Code, string>> = {
  CANCELLED: 'the call was cancelled',
  UNKNOWN: 'internal error',
  DEADLINE_EXCEEDED: 'it took too long; whether it has happened is open',
  RESOURCE_EXHAUSTED: 'too much at once, try again later',
  UNIMPLEMENTED: 'there is no such method',
  INTERNAL: 'internal error',
  UNAVAILABLE: 'not available now, try again later',
  DATA_LOSS: 'internal error',
};

/** The error as it may leave the platform: never a text that a service of ours didn't write for callers. */
export function outward(error: unknown): RpcError {
  if (!(error instanceof RpcError)) return new RpcError('INTERNAL', 'internal error', { cause: error });
  const text = insideText[error.code];
  if (text === undefined || error.reason !== undefined) return error;
  const { retryDelay_ms } = error;
  return new RpcError(error.code, text, { cause: error, ...(retryDelay_ms !== undefined && { retryDelay_ms }) });
}
