// The inventory: the catalogue and its stock.
import { join } from 'node:path';
import { CoordinatorService, InventoryService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { createParticipant, participantMigrations } from '@assent/transactions/participant';
import { actions } from './actions.ts';
import { config } from './config.ts';
import { inventoryService } from './rpc.ts';
import { createShards } from './shards.ts';

const { INVENTORY_DATABASE_URLS: databaseUrls, SECOND_PHASE_POOL_SIZE: size } = config;
// All reservations of a moment are one batch: it mustn't wait for long for a product that one transaction holds.
const lockTimeout_ms = 500;

await runService({
  name: 'inventory',
  config,
  ...(databaseUrls && { databaseUrls }),
  migrations: [
    { name: 'inventory', directory: join(import.meta.dirname, 'migrations') },
    participantMigrations(actions),
  ],
  async start({ connect, database: open, log, singleton }) {
    const databases = (databaseUrls?.map((url) => ({ url })) ?? [{}]).map((where) => ({
      database: open({ ...where, lockTimeout_ms }),
      secondPhase: open({ ...where, name: 'inventory second phase', size }),
    }));
    const shards = createShards({ databases: databases.map(({ database }) => database) });
    const participant = createParticipant({
      shards: databases,
      actions,
      coordinator: connect(CoordinatorService, 'coordinator'),
      log,
      singleton,
      barrierRetention_ms: config.BARRIER_RETENTION_MS,
    });
    await shards.check();
    await participant.start();
    return {
      services: [implement(InventoryService, inventoryService(shards)), participant.service],
      afterDrain: () => participant.stop(),
    };
  },
});
