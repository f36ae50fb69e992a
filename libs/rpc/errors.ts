/** The names of gRPC's status codes but OK. */
export type Code =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** What is wrong with one field of a request. */
export interface Violation {
  /** The path of the field, such as `lines[2].quantity`. */
  readonly field: string;
  readonly description: string;
}

export interface RpcErrorOptions {
  /** For programs, UPPER_SNAKE_CASE: an ErrorInfo's reason. */
  readonly reason?: string | undefined;
  readonly violations?: readonly Violation[] | undefined;
  /** When it makes sense to try again. */
  readonly retryDelay_ms?: number | undefined;
  /** Never leaves the process. */
  readonly cause?: unknown;
}

/** The only error that a call fails with, and the only one whose text a server sends. */
export class RpcError extends Error {
  readonly code: Code;
  readonly reason: string | undefined;
  readonly violations: readonly Violation[] | undefined;
  readonly retryDelay_ms: number | undefined;

  constructor(code: Code, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RpcError';
    this.code = code;
    this.reason = options.reason;
    this.violations = options.violations;
    this.retryDelay_ms = options.retryDelay_ms;
  }
}

/** INVALID_ARGUMENT that names the fields at fault. */
export function invalid(violations: readonly Violation[]): RpcError {
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  return new RpcError('INVALID_ARGUMENT', message, { violations });
}
