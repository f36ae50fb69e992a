// Coordinators over a real log, with participants on real sockets that answer as a test tells them to.
import { join } from 'node:path';
import { type Database, openDatabase } from '@assent/postgres';
import { CoordinatorService, ParticipantService } from '@assent/protos';
import type { BranchInput } from '@assent/protos/coordinator/v1/Branch.ts';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { BranchCall } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcomeInput } from '@assent/protos/participant/v1/BranchOutcome.ts';
import { type Client, connect, implement, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { testDatabase } from '@assent/testing';
import { type Coordinator, createCoordinator } from '../coordinator.ts';
import { createDispatcher } from '../dispatch.ts';
import { createFollowers } from '../follow.ts';
import { createPeers } from '../peers.ts';
import { createRpc } from '../rpc.ts';
import { createShards } from '../shards.ts';
import { createStore, type Store } from '../store/index.ts';

/** What a participant says to a call; nothing means that it hangs. */
export type Reply = Omit<BranchOutcomeInput, 'index'> | undefined;

export interface Participant {
  /** What it was asked. */
  readonly calls: BranchCall[];
  /** How many batches that was. */
  batches: number;
  /** How it answers: with done, unless it is told otherwise. */
  reply: (call: BranchCall) => Reply | Promise<Reply>;
}

export interface Running {
  readonly coordinator: Coordinator;
  readonly client: Client<CoordinatorServiceHandlers>;
}

export interface World {
  readonly database: Database;
  readonly store: Store;
  participant(name: string): Participant;
  /** Starts a coordinator that knows the participants so far. */
  start(options?: { lease_ms?: number; maxOpen?: number }): Promise<Running>;
  close(): Promise<void>;
}

const day_ms = 86_400_000;
const log = createLogger({ service: 'test', level: 'silent' });

/** A world with the participants of these names. */
export async function createWorld(names: readonly string[]): Promise<World> {
  const testing = await testDatabase([{ name: 'coordinator', directory: join(import.meta.dirname, '../migrations') }]);
  const database = openDatabase({ url: testing.url, name: 'test', size: 10, joinsByKey: true });
  const store = createStore(database);
  for (const day of [-2, -1, 0]) await store.makePartitions(Date.now() + day * day_ms, day_ms);
  const closing: (() => unknown)[] = [testing.drop, database.close];
  const participants = new Map<string, Participant>();
  const ports = new Map<string, number>();
  for (const name of names) {
    const participant: Participant = { calls: [], batches: 0, reply: () => ({ done: {} }) };
    const server = await serve({ host: '127.0.0.1', port: 0, services: [participantService(participant)], log });
    closing.push(() => server.close());
    participants.set(name, participant);
    ports.set(name, server.port);
  }

  async function start({ lease_ms = 5_000, maxOpen = 20_000 } = {}): Promise<Running> {
    const clients = [...ports].map(([name, port]) => {
      const client = connect(ParticipantService, { target: `127.0.0.1:${port}` });
      closing.push(() => client.close());
      return [name, client] as const;
    });
    const dispatcher = createDispatcher(new Map(clients));
    const peer = { name: 'test', address: '127.0.0.1:1' };
    const coordinator = await createCoordinator({ store, dispatcher, peer, lease_ms, maxOpen, log });
    const shard = { store, followers: createFollowers(store, log), incarnation: coordinator.incarnation };
    const peers = createPeers();
    const rpc = createRpc({ shards: createShards([shard]), peers, participants: names, log });
    const server = await serve({ host: '127.0.0.1', port: 0, services: [implement(CoordinatorService, rpc)], log });
    const client = connect(CoordinatorService, { target: `127.0.0.1:${server.port}` });
    closing.push(
      () => coordinator.stop(),
      () => server.close(),
      () => peers.close(),
      () => client.close(),
    );
    return { coordinator, client };
  }

  return {
    database,
    store,
    participant: (name) => participants.get(name) as Participant,
    start,
    async close() {
      for (const close of closing.reverse()) await close();
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
