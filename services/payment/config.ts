import { participantConfig, readConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  participantConfig.extend({
    /** Connections on top of DATABASE_POOL_SIZE, for what ends prepared transactions. */
    SECOND_PHASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(4),
  }),
  process.env,
);
