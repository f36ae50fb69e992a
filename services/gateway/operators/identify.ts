// Who calls: an operator, or somebody.
import { RpcError } from '@assent/rpc';
import type { Verify } from './oidc.ts';
import { findOperator, type Operator } from './tokens.ts';

/** A caller; of one that isn't an operator, what it is told when it wants to do what only they may. */
export type Caller =
  | { readonly type: 'operator'; readonly name: string }
  | { readonly type: 'somebody'; refusal(scope: string): RpcError };

/** Who has sent this Authorization header. */
export type Identify = (authorization: string | undefined) => Promise<Caller>;

/** Operators are those with one of these tokens, and those whose token `verify` takes. */
export function createIdentify(operators: readonly Operator[], verify?: Verify): Identify {
  const somebody: Caller = {
    type: 'somebody',
    refusal: (scope) => (operators.length > 0 || verify ? missing(scope) : nobody()),
  };
  return async (authorization) => {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) return somebody;
    const operator = findOperator(operators, token);
    if (operator) return { type: 'operator', name: operator.name };
    if (verify && isJwt(token)) return verified(verify, token);
    return operators.length > 0 || verify ? { type: 'somebody', refusal: unknown } : somebody;
  };
}

async function verified(verify: Verify, token: string): Promise<Caller> {
  try {
    return { type: 'operator', name: await verify(token) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { type: 'somebody', refusal: () => error };
  }
}

function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

const nobody = () => denied('no operator is configured: set OPERATOR_TOKENS to name:sha256,…, or OPERATOR_ISSUER');
const unknown = (scope: string) => denied(`the token has not the scope ${scope}`);

function missing(scope: string): RpcError {
  const message = `this is for those with the scope ${scope}: send Authorization: Bearer with a token`;
  return new RpcError('UNAUTHENTICATED', message, { reason: 'TOKEN_MISSING' });
}

export function denied(message: string): RpcError {
  return new RpcError('PERMISSION_DENIED', message, { reason: 'OPERATORS_ONLY' });
}
