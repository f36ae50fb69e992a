// A service for the tests of this package. What it is asked for says what it does.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InventoryService } from '@assent/protos';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import { type Implementation, implement } from '@assent/rpc';
import { z } from 'zod';
import { postgresUrls, readConfig, runService, serviceConfig } from '../index.ts';

const config = readConfig(
  serviceConfig.extend({
    FAIL: z.enum(['start', 'after drain']).optional(),
    FIXTURE_DATABASE_URLS: postgresUrls.optional(),
  }),
  process.env,
);

await runService({
  name: 'fixture',
  config,
  ...(config.FIXTURE_DATABASE_URLS && { databaseUrls: config.FIXTURE_DATABASE_URLS }),
  migrations: [{ name: 'fixture', directory: join(import.meta.dirname, 'migrations') }],
  async start({ log, database }) {
    const db = database();
    if (config.FAIL === 'start') throw new Error('no start today');
    const inventory: Partial<Implementation<InventoryServiceHandlers>> = {
      async getProduct({ sku }) {
        if (sku === 'slow') await sleep(400);
        if (sku === 'crash') setTimeout(() => Promise.reject(new Error('crashed')));
        await db.query('select * from things where id = $1', [1]);
        return { product: { sku } };
      },
    };
    return {
      services: [implement(InventoryService, inventory as Implementation<InventoryServiceHandlers>)],
      beforeDrain: async () => log.info('before drain'),
      async afterDrain() {
        await db.query('select 1');
        log.info('after drain');
        if (config.FAIL === 'after drain') throw new Error('no end today');
      },
    };
  },
});
