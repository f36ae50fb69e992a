import { types } from 'node:util';

/** The SQLSTATE of an error that PostgreSQL sent. */
export function sqlState(error: unknown): string | undefined {
  // Node's own errors have codes too, but no severity.
  if (!types.isNativeError(error) || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Whether the same work may succeed another time. Its outcome may be open: a connection that is lost during COMMIT says
 * nothing about it. So are deadlocks, serialization failures, timeouts and a server that has too much to do.
 */
export function isTransient(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const state = sqlState(error);
  if (state !== undefined) return isTransientState(state) || isStalePlan(error);
  return connectionCodes.has(codeOf(error)) || connectionMessage.test(error.message);
}

/** Whether a connection can be used again after an error of a statement. */
export function isConnectionUsable(error: unknown): boolean {
  const state = sqlState(error);
  // Without a state it isn't PostgreSQL that has spoken, so what the connection is at is unknown.
  return state !== undefined && !isEnd(error, state) && !isStalePlan(error) && !spentStates.has(state);
}

/** Whether the session has ended with the error. Servers translate the severity, so the states of such errors count too. */
function isEnd(error: unknown, state: string): boolean {
  const { severity } = error as { severity: unknown };
  return severity === 'FATAL' || severity === 'PANIC' || /^(08|57P|25P03|25P04)/.test(state);
}

function isTransientState(state: string): boolean {
  return transientClasses.has(state.slice(0, 2)) || transientStates.has(state);
}

/** A prepared statement whose tables have changed since; a new connection prepares it anew. */
function isStalePlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && /cached plan/.test((error as Error).message);
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

// Connection exceptions, insufficient resources.
const transientClasses = new Set(['08', '53']);

const transientStates = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock timeout
  '57014', // statement timeout, or cancelled by an operator
  '57P01', // shut down by an operator
  '57P02', // crash of another session's process
  '57P03', // starting up or shutting down
  '57P05', // idle session timeout
  '25P03', // idle in transaction timeout
  '25P04', // transaction timeout
  '25006', // read-only: a standby, after a failover
  '26000', // prepared statement gone
]);

// The server is no longer the primary, or has lost our prepared statements: a new connection helps.
const spentStates = new Set(['25006', '26000']);

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

// What pg and its pool say without a code.
const connectionMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered a connection error|was closed)|too many wait for a connection)/;
