import { readConfig, serviceConfig } from '@assent/service';
import { z } from 'zod';
import { parseOperators } from './operators.ts';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const config = readConfig(
  serviceConfig.extend({
    /** REST; PORT is gRPC. */
    HTTP_PORT: count(0, 65_535).default(8080),
    /** How long the services may take for one request. */
    REQUEST_TIMEOUT_MS: count(1, 600_000).default(15_000),
    /** After which watching must begin again. */
    STREAM_TIMEOUT_MS: count(1000, 86_400_000).default(3_600_000),
    BODY_LIMIT_BYTES: count(1024, 64 << 20).default(1 << 20),
    /** REST requests at the same time; more are told to come back. */
    MAX_IN_FLIGHT: count(1, 100_000).default(2000),
    /** Open event streams. */
    MAX_STREAMS: count(1, 100_000).default(1000),
    MAX_CONNECTIONS: count(1, 1_000_000).default(10_000),
    /** Who may repair transactions: `name:SHA-256 of a token in hex`, separated by commas. Nobody without it. */
    OPERATOR_TOKENS: z
      .string()
      .transform((text, issues) => {
        const operators = parseOperators(text);
        if (operators) return operators;
        issues.addIssue('must be name:hash,… where the hash is the SHA-256 of a token, in hex');
        return z.NEVER;
      })
      .default([]),
  }),
  process.env,
);
