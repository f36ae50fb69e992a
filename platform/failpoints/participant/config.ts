import { readConfig, serviceConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  serviceConfig.extend({
    /** A fault that the matrix must find. */
    PLANTED: z.enum(['no barrier', 'hasty']).optional(),
  }),
  process.env,
);
