// What a caller wants to run, read and checked.
import { createHash } from 'node:crypto';
import { type Reader, read } from '@assent/messages';
import type { RetryPolicy as RetryMessage } from '@assent/protos/coordinator/v1/RetryPolicy.ts';
import type { RunTransactionRequest } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import { type Branch, type Kind, limits, type RetryPolicy, validate } from '@assent/transactions/protocol';
import type { Begin } from './store/index.ts';

type Duration = NonNullable<RunTransactionRequest['timeout']>;

const timeouts = { min_ms: 100, default_ms: 10_000, max_ms: 3_600_000 } as const;

/** @throws RpcError INVALID_ARGUMENT that names every fault */
export function toBegin(
  request: RunTransactionRequest,
  participants: readonly string[],
  traceparent: string,
): Omit<Begin, 'transactionId'> {
  const branches = request.branches.map(toBranch);
  return read((reader) => {
    if (!/^[\x20-\x7e]{1,255}$/.test(request.idempotencyKey)) {
      reader.wrong('idempotencyKey', 'must be 1 to 255 printable ASCII characters');
    }
    if (!/^[\x20-\x7e]{0,255}$/.test(request.fingerprint)) {
      reader.wrong('fingerprint', 'must be 255 printable ASCII characters at most');
    }
    for (const { field, description } of validate(branches)) reader.wrong(field, description);
    branches.slice(0, limits.branches).forEach(({ participant }, index) => {
      if (!participants.includes(participant)) {
        reader.wrong(`branches[${index}].participant`, `must be one of ${participants.join(', ')}`);
      }
    });
    return {
      idempotencyKey: request.idempotencyKey,
      fingerprint: request.fingerprint || digest(branches),
      branches,
      traceparent,
      timeout_ms: toTimeout(reader, request.timeout),
      begunAt_ms: performance.now(),
    };
  });
}

function toTimeout(reader: Reader, timeout: Duration | null): number {
  const timeout_ms = timeout ? toMilliseconds(timeout) : timeouts.default_ms;
  if (!(timeout_ms >= timeouts.min_ms && timeout_ms <= timeouts.max_ms)) {
    reader.wrong('timeout', `must be ${timeouts.min_ms} ms to ${timeouts.max_ms} ms`);
  }
  return timeout_ms;
}

function toBranch({
  kind,
  firstPhaseRetry,
  secondPhaseRetry,
  ...rest
}: RunTransactionRequest['branches'][number]): Branch {
  return {
    ...rest,
    kind: kind as Kind,
    ...(firstPhaseRetry && { firstPhaseRetry: toPolicy(firstPhaseRetry) }),
    ...(secondPhaseRetry && { secondPhaseRetry: toPolicy(secondPhaseRetry) }),
  };
}

function toPolicy({ firstBackoff, maxBackoff, maxAttempts }: RetryMessage): RetryPolicy {
  const first_ms = firstBackoff ? toMilliseconds(firstBackoff) : 0;
  const cap_ms = maxBackoff ? toMilliseconds(maxBackoff) : 0;
  return {
    ...(first_ms !== 0 && { first_ms }),
    ...(cap_ms !== 0 && { cap_ms }),
    ...(maxAttempts !== 0 && { maxAttempts }),
  };
}

function toMilliseconds({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

function digest(branches: readonly Branch[]): string {
  return createHash('sha256').update(JSON.stringify(branches)).digest('hex');
}
