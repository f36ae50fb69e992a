import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { CoordinatorService, ParticipantService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { config } from './config.ts';
import { createCoordinator } from './coordinator.ts';
import { createDispatcher } from './dispatch.ts';
import { createFollowers } from './follow.ts';
import { watchLog } from './metrics.ts';
import { createPeers } from './peers.ts';
import { retain } from './retention.ts';
import { createRpc, load } from './rpc.ts';
import { checkPlaces, createShards } from './shards.ts';
import { createStore } from './store/index.ts';

const { COORDINATOR_DATABASE_URLS: databaseUrls, PARTICIPANTS: participants } = config;

await runService({
  name: 'coordinator',
  config,
  ...(databaseUrls && { databaseUrls }),
  migrations: [{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }],
  async start({ log, connect, database, singleton, tls }) {
    const clients = new Map(participants.map((name) => [name, connect(ParticipantService, name)]));
    const dispatcher = createDispatcher(clients);
    const address = config.ADVERTISED_ADDRESS ?? `${config.HOST}:${config.PORT}`;
    const retention = { retention_ms: config.RETENTION_MS, period_ms: config.PARTITION_MS };
    const logs = (databaseUrls?.map((url) => ({ url })) ?? [{}]).map((where) => {
      const own = database({ ...where, joinsByKey: true });
      return { own, store: createStore(own, database({ ...where, size: 1 })) };
    });
    await checkPlaces(logs.map(({ store }) => store));
    const coordinators = await Promise.all(
      logs.map(async ({ own, store }, shard) => {
        const shardLog = databaseUrls ? log.child({ shard }) : log;
        const { incarnation, stop } = await createCoordinator({
          store,
          dispatcher,
          peer: { name: `${hostname()}:${config.PORT}`, address },
          lease_ms: config.LEASE_MS,
          maxOpen: config.MAX_OPEN,
          retain: (signal) => {
            const work = (turn: Database, over: AbortSignal) => retain(createStore(turn), retention, shardLog, over);
            return singleton('retention of transactions', own, work, signal);
          },
          log: shardLog,
        });
        return { store, followers: createFollowers(store, shardLog), incarnation, stop };
      }),
    );
    coordinators.forEach(({ store, incarnation }, shard) => void watchLog(store, incarnation, String(shard)));
    const peers = createPeers(tls?.client('coordinator'));
    const rpc = createRpc({ shards: createShards(coordinators), peers, participants, log });
    return {
      services: [implement(CoordinatorService, rpc, load)],
      beforeDrain: async () => {
        await Promise.all(coordinators.map(({ stop }) => stop()));
        peers.close();
      },
    };
  },
});
