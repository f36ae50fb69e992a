// Operators that an OpenID Connect issuer knows: their tokens are JSON Web Tokens (RFC 7519), such as those of Kubernetes' ServiceAccounts.
import { type Code, RpcError } from '@assent/rpc';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Claim, hasOne, nameOf } from './claims.ts';
import { denied } from './identify.ts';
import { createKeys, type KeyOptions, NoKeys } from './keys.ts';

export interface OidcOptions extends KeyOptions {
  /** For whom a token must have been made. */
  readonly audience: string;
  /** Who has one of these is an operator. */
  readonly claims: readonly Claim[];
  /** The claim with the operator's name. */
  readonly nameClaim: string;
}

/** The name of the operator whose token it is. Throws an RpcError that says why it is none. */
export type Verify = (token: string) => Promise<string>;

// Signed by who alone has the key.
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockTolerance_s = 5;

export function createVerify({ issuer, audience, claims, nameClaim, ...rest }: OidcOptions): Verify {
  const keys = createKeys({ issuer, ...rest });
  const options = { issuer, audience, algorithms, clockTolerance: clockTolerance_s, requiredClaims: ['exp'] };
  return async (token) => {
    // Before its keys are looked for: no other issuer's token has us ask for keys.
    if (issuerOf(token) !== issuer) throw refusal('TOKEN_ISSUER', `the token is not from the issuer ${issuer}`);
    const payload = await jwtVerify(token, keys, options).then(
      (verified) => verified.payload,
      (error: unknown) => {
        throw refusalFor(error, audience);
      },
    );
    const name = nameOf(payload, nameClaim);
    if (!hasOne(payload, claims)) throw denied('the token is good, and its bearer is no operator');
    if (name === undefined) throw denied(`the token's claim ${nameClaim} is no name that can be kept`);
    return name;
  };
}

function issuerOf(token: string): unknown {
  try {
    return (decodeJwt(token) as JWTPayload).iss;
  } catch {
    return undefined;
  }
}

function refusalFor(error: unknown, audience: string): RpcError {
  if (error instanceof errors.JWTExpired) return refusal('TOKEN_EXPIRED', 'the token has expired: get a new one');
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return refusal('TOKEN_AUDIENCE', `the token is not for the audience ${audience}`);
    if (error.claim === 'nbf') return refusal('TOKEN_NOT_YET', 'the token is not valid yet');
    return refusal('TOKEN_INVALID', 'a claim of the token is missing or wrong');
  }
  if (error instanceof NoKeys) {
    const message = 'whether the token is good can not be found out now: its issuer does not answer';
    return refusal('TOKEN_ISSUER_UNAVAILABLE', message, 'UNAVAILABLE');
  }
  // A signature that doesn't fit, a key that nobody knows, an algorithm that isn't taken: whoever forges needn't know which.
  return refusal('TOKEN_INVALID', 'the token has no signature of its issuer');
}

function refusal(reason: string, message: string, code: Code = 'UNAUTHENTICATED'): RpcError {
  return new RpcError(code, message, { reason });
}
