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
  readonly reason?: string;
  readonly violations?: readonly Violation[];
  /** When it makes sense to try again. */
  readonly retryDelay_ms?: number;
  /** Never leaves the process. */
  readonly cause?: unknown;
}

/** The only error that a call fails with, and the only one whose text a server sends. */
export class RpcError extends Error {
  readonly code: Code;
  readonly reason?: string;
  readonly violations?: readonly Violation[];
  readonly retryDelay_ms?: number;

  constructor(code: Code, message: string, options: RpcErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'RpcError';
    this.code = code;
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.violations !== undefined) this.violations = options.violations;
    if (options.retryDelay_ms !== undefined) this.retryDelay_ms = options.retryDelay_ms;
  }
}

/** INVALID_ARGUMENT that names the fields at fault. */
export function invalid(violations: readonly Violation[]): RpcError {
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  return new RpcError('INVALID_ARGUMENT', message, { violations });
}
