// When an operation that has failed is asked again, and when that has no point any more.
import type { Branch } from './definition.ts';
import { isFirst, type Operation } from './operation.ts';

/** Why an attempt failed: a gRPC status name or an SQLSTATE, and a text for people. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

const defaults = { first_ms: 20, cap_ms: 2_000 } as const;
const defaultLimit = 20;

/** The most to wait before an attempt, from 1: exponential and capped. The shell takes a random part of it (full jitter). */
export function pauseBefore_ms(branch: Branch, operation: Operation, attempt: number): number {
  if (attempt <= 1) return 0;
  const { first_ms = defaults.first_ms, cap_ms = Math.max(first_ms, defaults.cap_ms) } = policyOf(branch, operation);
  return Math.min(cap_ms, first_ms * 2 ** Math.min(attempt - 2, 30));
}

/** How many attempts a first phase has until its transaction aborts. */
export function attemptLimit(branch: Branch, operation: Operation): number {
  return policyOf(branch, operation).maxAttempts ?? Infinity;
}

/** How often a second phase may fail for good reasons until its branch is stuck. */
export function faultLimit(branch: Branch, operation: Operation): number {
  return policyOf(branch, operation).maxAttempts ?? defaultLimit;
}

function policyOf(branch: Branch, operation: Operation) {
  return (isFirst(operation) ? branch.firstPhaseRetry : branch.secondPhaseRetry) ?? {};
}

const goodReasons: ReadonlySet<string> = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'DATA_LOSS',
  'UNKNOWN',
  'COMMITTED',
]);
/** Bad data, broken constraints, missing tables or rights, what the database does not do. */
const goodReasonClasses = /^(0A|21|22|23|2F|42|44|P0)[0-9A-Z]{3}$/;

/**
 * Whether the next attempt is likely to fail as well: a missing handler, bad data. The rest is trouble that passes: a
 * participant or its database is down, overloaded, or was asked at a bad moment.
 */
export function isForGood({ code }: Fault): boolean {
  return goodReasons.has(code) || goodReasonClasses.test(code);
}
