import { RpcError } from '@assent/rpc';

/** An idempotency key came again, with another request. */
export function keyReused(): RpcError {
  return new RpcError('ALREADY_EXISTS', 'this idempotency key was used for another request', {
    reason: 'IDEMPOTENCY_KEY_REUSED',
  });
}
