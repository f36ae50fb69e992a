// The inventory: the catalogue and its stock.
import { join } from 'node:path';
import { CoordinatorService, InventoryService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { createParticipant, participantMigrations } from '@assent/transactions/participant';
import { actions } from './actions.ts';
import { config } from './config.ts';
import { inventoryService } from './rpc.ts';

await runService({
  name: 'inventory',
  config,
  migrations: [{ name: 'inventory', directory: join(import.meta.dirname, 'migrations') }, participantMigrations],
  async start({ connect, database: open, log }) {
    const database = open();
    const participant = createParticipant({
      database,
      secondPhase: open({ name: 'inventory second phase', size: config.SECOND_PHASE_POOL_SIZE }),
      actions,
      coordinator: connect(CoordinatorService, 'coordinator'),
      log,
    });
    await participant.start();
    return {
      services: [implement(InventoryService, inventoryService(database)), participant.service],
      afterDrain: () => participant.stop(),
    };
  },
});
