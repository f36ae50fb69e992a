import { readConfig, serviceConfig } from '@assent/service';
import { z } from 'zod';
import { parseProxies } from './limiting/address.ts';
import { parseClaims } from './operators/claims.ts';
import { parseOperators } from './operators/tokens.ts';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** What a text means; `fault` when it means nothing. */
function parsed<T>(parse: (text: string) => T | undefined, fault: string) {
  return z.string().transform((text, issues) => {
    const value = parse(text);
    if (value !== undefined) return value;
    issues.addIssue(fault);
    return z.NEVER;
  });
}

// Over plain HTTP anybody on the way could say which keys are good.
const httpsUrl = z.url({ protocol: /^https?$/, error: 'must be an https:// URL' }).refine((url) => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}, 'must be an https:// URL');

const schema = serviceConfig.extend({
  /** REST; PORT is gRPC. */
  HTTP_PORT: count(0, 65_535).default(8080),
  /** How long the services may take for one request. */
  REQUEST_TIMEOUT_MS: count(1, 600_000).default(15_000),
  /** After which watching must begin again. */
  STREAM_TIMEOUT_MS: count(1000, 86_400_000).default(3_600_000),
  /** Has the tls.crt and tls.key that the world sees, in REST and gRPC; plain text without it. They may be replaced at any time. */
  EDGE_TLS_DIRECTORY: z.string().min(1).optional(),
  BODY_LIMIT_BYTES: count(1024, 64 << 20).default(1 << 20),
  /** REST requests at the same time; more are told to come back. */
  MAX_IN_FLIGHT: count(1, 100_000).default(2000),
  /** Open event streams. */
  MAX_STREAMS: count(1, 100_000).default(1000),
  MAX_CONNECTIONS: count(1, 1_000_000).default(10_000),
  /** Who may repair transactions: `name:SHA-256 of a token in hex`, separated by commas. Nobody without it. */
  OPERATOR_TOKENS: parsed(
    parseOperators,
    'must be name:hash,… where the hash is the SHA-256 of a token, in hex',
  ).default([]),
  /** Whose tokens (JWT) operators may have too: its URL, as in the claim `iss`. docs/operations.md */
  OPERATOR_ISSUER: httpsUrl.optional(),
  /** Whom such a token must be for. */
  OPERATOR_AUDIENCE: z.string().min(1).optional(),
  /** Who of those that the issuer knows is an operator: `claim=value`, or several of which one is enough, separated by commas. */
  OPERATOR_CLAIM: parsed(parseClaims, 'must be claim=value,…').optional(),
  /** The claim with the operator's name, for the audit. */
  OPERATOR_NAME_CLAIM: z.string().min(1).default('sub'),
  /** Where the issuer's keys are; otherwise the issuer is asked. */
  OPERATOR_JWKS_URL: httpsUrl.optional(),
  /** What it takes to get them from such as Kubernetes' API server: the authority of its certificate, and a token. */
  OPERATOR_JWKS_CA_FILE: z.string().min(1).optional(),
  OPERATOR_JWKS_TOKEN_FILE: z.string().min(1).optional(),
  /** Requests a second of one client, on average; 0 is as many as come. docs/operations.md */
  RATE_LIMIT: z.coerce.number().min(0).max(1_000_000).default(0),
  /** Requests that a client may make at once; 0 is those of a second. */
  RATE_BURST: count(0, 1_000_000).default(0),
  /** Replicas share that limit by this Redis; without it each has its own. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  /** How long a request waits for Redis. */
  REDIS_TIMEOUT_MS: count(1, 1_000).default(10),
  /** Addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas. */
  TRUSTED_PROXIES: parsed(parseProxies, 'must be addresses or networks, such as 10.0.0.0/8,…').optional(),
});

export const config = readConfig(
  schema.superRefine(({ OPERATOR_ISSUER: issuer, OPERATOR_AUDIENCE: audience, OPERATOR_CLAIM: claim }, issues) => {
    const isMissing = (variable: string) =>
      issues.addIssue({ code: 'custom', path: [variable], message: 'OPERATOR_ISSUER needs it' });
    if (issuer && !audience) isMissing('OPERATOR_AUDIENCE');
    if (issuer && !claim) isMissing('OPERATOR_CLAIM');
  }),
  process.env,
);
