import { participantConfig, readConfig } from '@assent/service';
import { z } from 'zod';

export const config = readConfig(
  participantConfig.extend({
    /** How long the transaction that places or cancels an order may take to be decided. */
    CHECKOUT_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(10_000),
    /** How old a price may be when an order is made with it; the inventory checks it again. */
    PRICE_TTL_MS: z.coerce.number().int().min(0).max(600_000).default(30_000),
    /** How long it is remembered that an account exists, and in which currency. */
    ACCOUNT_TTL_MS: z.coerce.number().int().min(0).max(3_600_000).default(60_000),
    /** Products, and accounts, that are remembered. */
    CACHE_SIZE: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
    /** How often watched orders are looked at. */
    WATCH_EVERY_MS: z.coerce.number().int().min(10).max(10_000).default(100),
    /** Orders that may be watched at a time, each watcher counted. */
    MAX_WATCHERS: z.coerce.number().int().min(0).max(100_000).default(1_000),
  }),
  process.env,
);
