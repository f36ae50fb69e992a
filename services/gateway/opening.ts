// The entrance as it is configured. What only some configurations need is loaded only then.
import type { Logger } from '@assent/telemetry';
import type { config } from './config.ts';
import { createEntrance, type Enter, type EntranceOptions } from './entrance.ts';
import { rateOf } from './limiting/gcra.ts';
import { createLimiter } from './limiting/limiter.ts';
import { createIdentify } from './operators/identify.ts';
import type { Verify } from './operators/oidc.ts';

type Config = typeof config;

export async function openEntrance(config: Config, log: Logger): Promise<{ readonly enter: Enter; close(): void }> {
  const identify = createIdentify(config.OPERATOR_TOKENS, await openVerify(config, log));
  const { limit, close } = await openLimit(config, log);
  return { enter: createEntrance({ identify, limit }), close };
}

async function openVerify(config: Config, log: Logger): Promise<Verify | undefined> {
  const { OPERATOR_ISSUER: issuer, OPERATOR_AUDIENCE: audience, OPERATOR_CLAIM: claims } = config;
  if (!issuer || !audience || !claims) return undefined;
  const { createVerify } = await import('./operators/oidc.ts');
  return createVerify({
    issuer,
    audience,
    claims,
    nameClaim: config.OPERATOR_NAME_CLAIM,
    jwksUrl: config.OPERATOR_JWKS_URL,
    caFile: config.OPERATOR_JWKS_CA_FILE,
    tokenFile: config.OPERATOR_JWKS_TOKEN_FILE,
    log,
  });
}

async function openLimit(config: Config, log: Logger): Promise<Pick<EntranceOptions, 'limit'> & { close(): void }> {
  const { RATE_LIMIT: perSecond, REDIS_URL: url, REDIS_TIMEOUT_MS: timeout_ms } = config;
  if (perSecond === 0) return { close() {} };
  const rate = rateOf(perSecond, config.RATE_BURST);
  const shared =
    url === undefined ? undefined : (await import('./limiting/redis.ts')).openShared({ url, timeout_ms, log });
  const limiter = createLimiter({ rate, shared: shared?.take });
  return { limit: { rate, limiter, isTrusted: config.TRUSTED_PROXIES ?? (() => false) }, close: () => shared?.close() };
}
