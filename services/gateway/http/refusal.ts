// Requests that are refused before anyone looks at what they ask for.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@assent/telemetry';
import type { FastifyError } from 'fastify';
import { type Problem, problem } from './problem.ts';

const refusals: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: problem(413, 'INVALID_ARGUMENT', 'the body is too large', { reason: 'BODY_TOO_LARGE' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problem(415, 'INVALID_ARGUMENT', 'the body must be application/json', {
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  }),
  FST_ERR_BAD_URL: problem(400, 'INVALID_ARGUMENT', 'the path is not well encoded'),
};

/** What Fastify refused, or what went wrong in it. */
export function refusal(error: FastifyError, log: Logger): Problem {
  const known = refusals[error.code];
  if (known) return known;
  const { statusCode = 500 } = error;
  if (statusCode < 500) return problem(statusCode, 'INVALID_ARGUMENT', 'the request is malformed');
  log.error({ err: error }, 'a request has failed');
  return problem(500, 'INTERNAL', 'internal error');
}

const malformed = problem(400, 'INVALID_ARGUMENT', 'this is not HTTP/1.1');
const badHttp: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: problem(431, 'INVALID_ARGUMENT', 'the headers are too large', { reason: 'HEADERS_TOO_LARGE' }),
  ERR_HTTP_REQUEST_TIMEOUT: problem(408, 'DEADLINE_EXCEEDED', 'the request took too long to arrive', {
    reason: 'REQUEST_TOO_SLOW',
  }),
};

/** Answers what Node could not read as a request; the connection is of no use afterwards. */
export function answerBadHttp(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, headers, body } = badHttp[error.code ?? ''] ?? malformed;
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
