import type { MethodDefinition } from '@grpc/proto-loader';

/** What the contract says of repeating calls of a method; UNKNOWN is no. */
export type Idempotency = 'UNKNOWN' | 'IDEMPOTENT' | 'NO_SIDE_EFFECTS';

export function idempotencyOf(definition: object): Idempotency {
  const { idempotency_level: level } = (definition as MethodDefinition<object, object>).options;
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT' ? level : 'UNKNOWN';
}
