import { hostname } from 'node:os';
import { join } from 'node:path';
import { CoordinatorService, ParticipantService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { config } from './config.ts';
import { createCoordinator } from './coordinator.ts';
import { createDispatcher } from './dispatch.ts';
import { createFollowers } from './follow.ts';
import { createRpc } from './rpc.ts';
import { createStore } from './store/index.ts';

await runService({
  name: 'coordinator',
  config,
  migrations: [{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }],
  async start({ log, connect, database }) {
    const store = createStore(database());
    const participants = config.PARTICIPANTS;
    const clients = new Map(participants.map((name) => [name, connect(ParticipantService, name)]));
    const coordinator = await createCoordinator({
      store,
      dispatcher: createDispatcher(clients),
      peer: {
        name: `${hostname()}:${config.PORT}`,
        address: config.ADVERTISED_ADDRESS ?? `${config.HOST}:${config.PORT}`,
      },
      lease_ms: config.LEASE_MS,
      maxOpen: config.MAX_OPEN,
      retention: { retention_ms: config.RETENTION_MS, period_ms: config.PARTITION_MS },
      log,
    });
    const followers = createFollowers(store, log);
    const rpc = createRpc({ store, followers, participants, incarnation: coordinator.incarnation, log });
    return {
      services: [implement(CoordinatorService, rpc)],
      beforeDrain: () => coordinator.stop(),
    };
  },
});
