// Errors over HTTP: RFC 9457 problem details.
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import type { Code, RpcError, Violation } from '@assent/rpc';
import { traceparent } from '@assent/telemetry';
import type { FastifyReply } from 'fastify';

/** What is sent over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

/** An answer that is a problem details document. */
export interface Problem extends Answer {
  readonly body: string;
}

export interface ProblemOptions {
  /** For programs, UPPER_SNAKE_CASE. */
  readonly reason?: string | undefined;
  readonly violations?: readonly Violation[] | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

// As google.rpc.Code says, but FAILED_PRECONDITION: the request is fine, what it meets is not; and RESOURCE_EXHAUSTED: most of the
// time it is we who have our hands full.
const httpStatus: Readonly<Record<Code, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 503,
  FAILED_PRECONDITION: 409,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

const byReason: Readonly<Record<string, number>> = {
  IDEMPOTENCY_KEY_REUSED: 422,
  // The client has a quota, and has used it up.
  RATE_LIMITED: 429,
};

/** A problem that a call failed with. */
export function problemOf(error: RpcError): Problem {
  const { code, reason, message, violations, retryDelay_ms = 1000 } = error;
  const status = byReason[reason ?? ''] ?? httpStatus[code];
  const headers = { ...again(status, retryDelay_ms), ...(status === 401 && challenge(reason)) };
  return problem(status, code, message, { reason, violations, headers });
}

function again(status: number, delay_ms: number): Readonly<Record<string, string>> {
  return status === 503 || status === 429 ? { 'retry-after': `${Math.ceil(delay_ms / 1000)}` } : {};
}

/** RFC 6750, section 3. */
function challenge(reason: string | undefined) {
  return { 'www-authenticate': reason === 'TOKEN_MISSING' ? 'Bearer' : 'Bearer error="invalid_token"' };
}

/** A problem details document. */
export function problem(status: number, code: Code, detail: string, options: ProblemOptions = {}): Problem {
  const { reason, violations, headers } = options;
  const title = STATUS_CODES[status] ?? 'Client Closed Request';
  const traceId = traceparent().split('-')[1];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code, reason, violations, traceId }),
  };
}

/** 405: only these verbs are at this path. */
export function notAllowed(allow: string): Problem {
  const options = { reason: 'METHOD_NOT_ALLOWED', headers: { allow } };
  return problem(405, 'UNIMPLEMENTED', `only ${allow} can be used here`, options);
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
