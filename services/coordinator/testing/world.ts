// Coordinators over a real log, with participants on real sockets that answer as a test tells them to.
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { CoordinatorService, ParticipantService } from '@assent/protos';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import { type Client, connect, implement, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase } from '@assent/testing';
import { type Coordinator, createCoordinator } from '../coordinator.ts';
import { createDispatcher, type Dispatcher } from '../dispatch.ts';
import { createFollowers } from '../follow.ts';
import { createPeers } from '../peers.ts';
import { createRpc } from '../rpc.ts';
import { createShards } from '../shards.ts';
import { createStore, type Store } from '../store/index.ts';

/** What a participant says to a call; nothing means that it hangs. */
export type Reply = Omit<BranchOutcomeInput, 'index'> | undefined;

export interface Participant {
  /** What it was asked. */
  calls: BranchCall[];
  /** How many batches that was. */
  batches: number;
  /** How it answers: with done, unless it is told otherwise. */
  reply: (call: BranchCall) => Reply | Promise<Reply>;
}

export interface Running {
  /** Of the first shard. */
  readonly coordinator: Coordinator;
  readonly client: Client<CoordinatorServiceHandlers>;
}

export interface World {
  readonly database: Database;
  readonly store: Store;
  /** Of all shards; the first is the one above. */
  readonly databases: readonly Database[];
  readonly stores: readonly Store[];
  participant(name: string): Participant;
  /** Starts a coordinator that knows so many shards; all without it. */
  start(options?: { lease_ms?: number; maxOpen?: number; shards?: number }): Promise<Running>;
  /** Stops the coordinators, and forgets what participants were asked and told. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const day_ms = 86_400_000;
const log = createLogger({ service: 'test', level: 'silent' });
const done = () => ({ done: {} });

/** A world with the participants of these names, and so many shards of the log. */
export async function createWorld(names: readonly string[], shards = 1): Promise<World> {
  const migrations = [{ name: 'coordinator', directory: join(import.meta.dirname, '../migrations') }];
  const open = () => openTestDatabase(migrations, { joinsByKey: true });
  const databases = await Promise.all(Array.from({ length: shards }, open));
  const stores = databases.map((database) => createStore(database));
  for (const store of stores)
    for (const day of [-2, -1, 0]) await store.makePartitions(Date.now() + day * day_ms, day_ms);
  const closing: (() => unknown)[] = databases.map(({ close }) => close);
  const started: { close(): Promise<void> }[] = [];
  const participants = new Map<string, Participant>();
  const clients = new Map<string, Client<ParticipantServiceHandlers>>();
  for (const name of names) {
    const participant: Participant = { calls: [], batches: 0, reply: done };
    const server = await serve({ host: '127.0.0.1', port: 0, services: [participantService(participant)], log });
    const client = connect(ParticipantService, { target: `127.0.0.1:${server.port}` });
    closing.push(
      () => server.close(),
      () => client.close(),
    );
    participants.set(name, participant);
    clients.set(name, client);
  }

  async function reset(): Promise<void> {
    for (const { close } of started.splice(0).reverse()) await close();
    for (const participant of participants.values()) Object.assign(participant, { calls: [], batches: 0, reply: done });
  }

  return {
    database: databases[0]!,
    store: stores[0]!,
    databases,
    stores,
    participant: (name) => participants.get(name) as Participant,
    async start({ lease_ms = 5_000, maxOpen = 20_000, shards = stores.length } = {}) {
      const dispatcher = createDispatcher(clients);
      const limits = { lease_ms, maxOpen };
      const running = await serveCoordinator(stores.slice(0, shards), { dispatcher, participants: names, ...limits });
      started.push(running);
      return running;
    },
    reset,
    async close() {
      await reset();
      for (const close of closing.reverse()) await close();
    },
  };
}

export interface ServeOptions {
  readonly dispatcher: Dispatcher;
  /** Their names. */
  readonly participants: readonly string[];
  readonly lease_ms: number;
  readonly maxOpen: number;
}

/** A coordinator over the shards of a log, which others can reach. */
export async function serveCoordinator(
  stores: readonly Store[],
  { participants, ...options }: ServeOptions,
): Promise<Running & { close(): Promise<void> }> {
  // The address is known before the coordinator begins its lease, as in the service.
  let rpc: ReturnType<typeof createRpc> | undefined;
  const later = new Proxy({} as ReturnType<typeof createRpc>, { get: (_, name) => Reflect.get(rpc!, name) });
  const server = await serve({ host: '127.0.0.1', port: 0, services: [implement(CoordinatorService, later)], log });
  const peer = { name: 'test', address: `127.0.0.1:${server.port}` };
  const coordinators = await Promise.all(stores.map((store) => createCoordinator({ store, peer, log, ...options })));
  const shards = stores.map((store, place) => {
    return { store, followers: createFollowers(store, log), incarnation: coordinators[place]!.incarnation };
  });
  const peers = createPeers();
  rpc = createRpc({ shards: createShards(shards), peers, participants, log });
  const client = connect(CoordinatorService, { target: peer.address });
  return {
    coordinator: coordinators[0]!,
    client,
    async close() {
      client.close();
      peers.close();
      server.close();
      await Promise.all(coordinators.map((one) => one.stop()));
    },
  };
}

function participantService(participant: Participant) {
  return implement(ParticipantService, {
    async *execute({ calls }, { signal }) {
      participant.batches++;
      const hanging: Promise<void>[] = [];
      for (const [index, call] of calls.entries()) {
        participant.calls.push(call);
        const reply = await participant.reply(call);
        if (reply) yield { outcomes: [{ index, ...reply }] };
        else hanging.push(new Promise((resolve) => signal.addEventListener('abort', () => resolve())));
      }
      await Promise.all(hanging);
    },
  });
}

let keys = 0;

/** A request to run branches of these kinds at a participant. */
export function request(
  participant: string,
  kinds: readonly NonNullable<BranchInput['kind']>[],
  rest: RunTransactionRequestInput = {},
): RunTransactionRequestInput {
  const branches = kinds.map((kind, index) => ({ name: `b${index}`, participant, action: 'do', kind, payload: '{}' }));
  return { idempotencyKey: `key-${++keys}`, branches, ...rest };
}
