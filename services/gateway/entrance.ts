// What every request passes first, REST or gRPC: who it is from, whether those haven't had enough, whether they may.
import { RpcError } from '@assent/rpc';
import type { Route } from './api/routes.ts';
import { clientAddress, type IsTrusted } from './limiting/address.ts';
import { type Rate, remaining, type Verdict, wait_ms } from './limiting/gcra.ts';
import type { Limiter } from './limiting/limiter.ts';
import type { Identify } from './operators/identify.ts';

/** What is known of the sender of a request. */
export interface Visitor {
  /** The other end of the connection. */
  readonly peer: string;
  /** Headers of these names. */
  readonly authorization: string | undefined;
  readonly forwardedFor: string | undefined;
}

export interface Entry {
  /** For the answer over HTTP, whatever it is: how much is left of what the client may use. */
  readonly headers: Readonly<Record<string, string>>;
  /** What goes along to the services: the operator's name, if one calls. Or why the request goes no further. */
  readonly passed: { readonly metadata: Readonly<Record<string, string>> } | { readonly refusal: RpcError };
}

export type Enter = (route: Route, visitor: Visitor) => Promise<Entry>;

export interface EntranceOptions {
  readonly identify: Identify;
  /** Without it nobody is limited. */
  readonly limit?: { readonly rate: Rate; readonly limiter: Limiter; readonly isTrusted: IsTrusted } | undefined;
}

const nothing = {};

/** Operators are limited each, others by the address that they come from. */
export function createEntrance({ identify, limit }: EntranceOptions): Enter {
  return async ({ scope }, { peer, authorization, forwardedFor }) => {
    const caller = await identify(authorization);
    const isOperator = caller.type === 'operator';
    let headers = nothing;
    if (limit) {
      const { rate, limiter, isTrusted } = limit;
      const client = isOperator ? `operator:${caller.name}` : `address:${clientAddress(peer, forwardedFor, isTrusted)}`;
      const verdict = await limiter(client);
      headers = quota(verdict, rate);
      if (!verdict.allowed) return { headers, passed: { refusal: tooMany(verdict, rate) } };
    }
    if (isOperator) return { headers, passed: { metadata: { 'assent-operator': caller.name } } };
    return { headers, passed: scope === undefined ? { metadata: nothing } : { refusal: caller.refusal(scope) } };
  };
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers (10) */
function quota(verdict: Verdict, rate: Rate): Readonly<Record<string, string>> {
  const window_s = Math.max(1, Math.ceil((rate.burst * rate.interval_us) / 1e6));
  return {
    'ratelimit-policy': `"client";q=${rate.burst};w=${window_s}`,
    ratelimit: `"client";r=${remaining(verdict, rate)};t=${Math.ceil(verdict.ahead_us / 1e6)}`,
  };
}

function tooMany(verdict: Verdict, rate: Rate): RpcError {
  const options = { reason: 'RATE_LIMITED', retryDelay_ms: Math.ceil(wait_ms(verdict, rate)) };
  return new RpcError('RESOURCE_EXHAUSTED', 'more requests of one client than it may make, try again later', options);
}
