// The keys that an issuer signs tokens with: fetched when the first token comes, and again when one has a key that isn't known.
import { readFile } from 'node:fs/promises';
import type { Logger } from '@assent/telemetry';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { Agent, fetch } from 'undici';

export interface KeyOptions {
  readonly issuer: string;
  /** Where the keys are; otherwise the issuer's own description says it (OpenID Connect Discovery 1.0). */
  readonly jwksUrl?: string | undefined;
  /** A file with the certificates of the authority that the server's certificate is from, as PEM. */
  readonly caFile?: string | undefined;
  /** A file with a token without which the server doesn't show its keys. Both files are read anew each time. */
  readonly tokenFile?: string | undefined;
  readonly log: Logger;
}

/** The keys can't be had now. */
export class NoKeys extends Error {
  override readonly name = 'NoKeys';
}

const timeout_ms = 3000;
/** After a failure nobody is asked for so long. */
const pause_ms = 5000;
/** A key that the issuer has withdrawn is good for so long. */
const maxAge_ms = 3_600_000;
const maxAnswer_bytes = 1 << 20;

export function createKeys(options: KeyOptions): JWTVerifyGetKey {
  const get = patiently(options);
  let opening: Promise<JWTVerifyGetKey> | undefined;
  const open = async (): Promise<JWTVerifyGetKey> => {
    const url = new URL(options.jwksUrl ?? (await discover(options.issuer, get)));
    return createRemoteJWKSet(url, {
      cacheMaxAge: maxAge_ms,
      timeoutDuration: timeout_ms,
      // Once it is here whole, so that what fails fails here.
      [customFetch]: async (url) => Response.json(await get(url, isKeySet)),
    });
  };
  return async (header, token) => {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return (await opening)(header, token);
  };
}

type Get = <T>(url: string, isGood: (body: unknown) => body is T) => Promise<T>;

async function discover(issuer: string, get: Get): Promise<string> {
  const isDescription = (body: unknown): body is { jwks_uri: string } => {
    const { issuer: named, jwks_uri: url } = Object(body) as { issuer?: unknown; jwks_uri?: unknown };
    // Nobody on the way is to say which keys are good.
    return named === issuer && typeof url === 'string' && protocolOf(url) === protocolOf(issuer);
  };
  const description = await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, isDescription);
  return description.jwks_uri;
}

const protocolOf = (url: string) => URL.parse(url)?.protocol;

function isKeySet(body: unknown): body is { keys: unknown[] } {
  return Array.isArray((Object(body) as { keys?: unknown }).keys);
}

/** Gets documents, and fails at once for a while after one couldn't be had: with a line in the log for each that was asked for. */
function patiently({ issuer, jwksUrl, caFile, tokenFile, log }: KeyOptions): Get {
  let pauseEnd_ms = 0;
  // The token is for those that the configuration names, not for whom they name.
  const trusted = new Set([issuer, jwksUrl ?? issuer].map((url) => new URL(url).origin));
  return async (url, isGood) => {
    if (performance.now() < pauseEnd_ms) throw new NoKeys();
    try {
      const token =
        tokenFile && trusted.has(new URL(url).origin) ? (await readFile(tokenFile, 'utf8')).trim() : undefined;
      const body = await getJson(url, caFile && (await readFile(caFile, 'utf8')), token);
      if (!isGood(body)) throw new Error('it answers something else');
      return body;
    } catch (error) {
      pauseEnd_ms = performance.now() + pause_ms;
      log.warn(
        { err: error, url },
        'the keys of OPERATOR_ISSUER cannot be had, so nobody can act with one of its tokens',
      );
      throw new NoKeys();
    }
  };
}

async function getJson(url: string, ca: string | undefined, token: string | undefined): Promise<unknown> {
  const agent = new Agent({ maxResponseSize: maxAnswer_bytes, ...(ca && { connect: { ca } }) });
  try {
    const response = await fetch(url, {
      dispatcher: agent,
      // One could lead to where the token must not go.
      redirect: 'error',
      signal: AbortSignal.timeout(timeout_ms),
      headers: {
        accept: 'application/json, application/jwk-set+json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
    });
    if (response.status !== 200) throw new Error(`it answers ${response.status}`);
    return await response.json();
  } finally {
    await agent.destroy();
  }
}
