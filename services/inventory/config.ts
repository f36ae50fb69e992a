import { participantConfig, postgresUrls, readConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  participantConfig.extend({
    /**
     * The databases over which stock is spread by SKU, separated by commas: the first is shard 0. They keep their places; new
     * ones come last. DATABASE_URL alone without it.
     */
    INVENTORY_DATABASE_URLS: postgresUrls.optional(),
    /** Connections on top of DATABASE_POOL_SIZE, for what ends prepared transactions. */
    SECOND_PHASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(4),
  }),
  process.env,
);
