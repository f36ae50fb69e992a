import { postgresUrls, readConfig, serviceConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  serviceConfig.extend({
    /**
     * The databases that the log is spread over, DATABASE_URL alone without it. Shards are only ever added, at the end, one at a
     * time.
     */
    COORDINATOR_DATABASE_URLS: postgresUrls.optional(),
    /** The services that branches may name, separated by commas. */
    PARTICIPANTS: z
      .string()
      .default('order,inventory,payment')
      .transform((names) => names.split(',').map((name) => name.trim())),
    /** How long a coordinator that shows no sign of life keeps its transactions. */
    LEASE_MS: z.coerce.number().int().min(200).max(60_000).default(2_000),
    /** Transactions that one coordinator drives at once; more are refused. */
    MAX_OPEN: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
    /** How long ended transactions are kept: 7 days. Participants must keep their barriers for longer. */
    RETENTION_MS: z.coerce
      .number()
      .int()
      .min(1_000)
      .default(7 * 86_400_000),
    /** What one partition of the log holds: a day. */
    PARTITION_MS: z.coerce.number().int().min(60_000).default(86_400_000),
    /** Host and port at which other coordinators reach this one; HOST and PORT without it. */
    ADVERTISED_ADDRESS: z.string().min(1).optional(),
  }),
  process.env,
);
