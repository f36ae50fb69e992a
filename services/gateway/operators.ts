// Who may call the methods that are for operators only: whoever has one of their tokens.
import { createHash, timingSafeEqual } from 'node:crypto';
import { RpcError } from '@assent/rpc';
import type { Route } from './api/routes.ts';

/** An operator, known by the SHA-256 of a token: the token itself is nowhere here. */
export interface Operator {
  /** For the audit. */
  readonly name: string;
  readonly tokenHash: Buffer;
}

/**
 * What goes along with a call of the route, for a caller with this Authorization header: the operator's name if there is
 * an operator with this token, otherwise nothing. If the route is for operators it throws instead: UNAUTHENTICATED without
 * a token, PERMISSION_DENIED with a wrong one.
 */
export type Authorize = (route: Route, authorization: string | undefined) => Readonly<Record<string, string>>;

const nothing = {};

export function createAuthorize(operators: readonly Operator[]): Authorize {
  return ({ scope }, authorization) => {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const operator = token === undefined ? undefined : find(operators, token);
    if (operator) return { 'assent-operator': operator.name };
    if (scope === undefined) return nothing;
    if (operators.length === 0) throw denied('no operator is configured: set OPERATOR_TOKENS to name:sha256,…');
    if (token === undefined) {
      const message = `this is for those with the scope ${scope}: send Authorization: Bearer with a token`;
      throw new RpcError('UNAUTHENTICATED', message, { reason: 'TOKEN_MISSING' });
    }
    throw denied(`the token has not the scope ${scope}`);
  };
}

/** Compares with all of them, however soon one fits: how long it takes tells nothing. */
function find(operators: readonly Operator[], token: string): Operator | undefined {
  const hash = createHash('sha256').update(token).digest();
  return operators.filter(({ tokenHash }) => timingSafeEqual(tokenHash, hash))[0];
}

/** From `alice:9f86d0…,bob:60303a…`; undefined when it isn't like that. */
export function parseOperators(text: string): Operator[] | undefined {
  const entries = text.split(',').map((entry) => /^([A-Za-z0-9._-]{1,64}):([0-9a-f]{64})$/i.exec(entry.trim()));
  if (entries.includes(null)) return undefined;
  return entries.map((entry) => ({ name: entry![1]!, tokenHash: Buffer.from(entry![2]!, 'hex') }));
}

function denied(message: string): RpcError {
  return new RpcError('PERMISSION_DENIED', message, { reason: 'OPERATORS_ONLY' });
}
