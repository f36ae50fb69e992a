import { readConfig, serviceConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  serviceConfig.extend({
    /** Connections on top of DATABASE_POOL_SIZE, for what ends prepared transactions. */
    SECOND_PHASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(4),
    /** How old a transaction must be for its barrier rows to go: longer than coordinators keep ended ones; 8 days. */
    BARRIER_RETENTION_MS: z.coerce
      .number()
      .int()
      .min(1_000)
      .default(8 * 86_400_000),
  }),
  process.env,
);
