import type { Singleton } from '@assent/lease';
import { ParticipantService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Client, implement, type RpcService } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { AnyAction } from './action.ts';
import { execute } from './execute.ts';
import { showInDoubt, showQueues } from './metrics.ts';
import { createPerformer } from './perform.ts';
import type { InDoubt } from './reconciler.ts';
import { createRoute } from './route.ts';
import { createShard, type ShardDatabases } from './shard.ts';
import { isSecond, sparing } from './urgency.ts';

/** One database, or several (`shards`), among which the actions choose by their payloads (`shard`). */
export type ParticipantOptions = ParticipantSettings &
  (ShardDatabases | { readonly shards: readonly ShardDatabases[] });

export interface ParticipantSettings {
  readonly actions: readonly AnyAction[];
  /** Whom to ask about prepared transactions in doubt. */
  readonly coordinator: Client<CoordinatorServiceHandlers>;
  readonly log: Logger;
  /** How old barrier rows find the one replica that drops them; each looks after them without it. */
  readonly singleton?: Singleton;
  /** Calls in one batch at most; 256. */
  readonly batchSize?: number;
  /** Calls that wait in one lane at most; 4096. Those over it fail with RESOURCE_EXHAUSTED. */
  readonly queueSize?: number;
  /** Batches of one action's operation that run at a time in one database; 1. */
  readonly concurrency?: number;
  /** PREPAREs of one action that run at a time, each on a connection of its own; 8, and `database` should have more. */
  readonly prepareConcurrency?: number;
  /** How long a PREPARE waits for locks; it votes no (CONTENTION) after 0.5 to 1.5 times this; 1 s. */
  readonly prepareLockTimeout_ms?: number;
  /** How often prepared transactions in doubt are looked for; 2 s. */
  readonly reconcileEvery_ms?: number;
  /** How old a prepared transaction must be for that; 2 s. */
  readonly inDoubtAfter_ms?: number;
  /**
   * How old a transaction must be for its first phases to be refused, a day before its barrier rows go; 8 days. Longer than
   * coordinators keep ended transactions, so that nobody asks for its operations any more.
   */
  readonly barrierRetention_ms?: number;
}

export interface Participant {
  /** ParticipantService. */
  readonly service: RpcService;
  /** Checks the databases, then starts what looks after them. Throws when one can't do what the actions need. */
  start(): Promise<void>;
  /** Stops that and waits for what is running. */
  stop(): Promise<void>;
  /** What is prepared in each database. */
  inDoubt(): Promise<readonly InDoubt[]>;
}

const defaults = {
  batchSize: 256,
  queueSize: 4096,
  concurrency: 1,
  prepareConcurrency: 8,
  prepareLockTimeout_ms: 1000,
  reconcileEvery_ms: 2000,
  inDoubtAfter_ms: 2000,
  barrierRetention_ms: 8 * 86_400_000,
};

export function createParticipant(options: ParticipantOptions): Participant {
  const databases = 'shards' in options ? options.shards : [options];
  const shards = databases.map((one) => createShard({ ...defaults, ...options, secondPhase: one.database, ...one }));
  const performer = createPerformer(createRoute(shards.map(({ lanes }) => lanes)));
  const inDoubt = () => Promise.all(shards.map((shard) => shard.inDoubt()));
  let hide: (() => void)[] = [];

  return {
    service: implement(
      ParticipantService,
      {
        execute: ({ calls }, { putOff_ms }) =>
          execute(calls, putOff_ms === undefined ? performer.perform : sparing(performer.perform)),
      },
      // What ends a transaction gives locks and stock back: it comes in whatever else is under way.
      { execute: { weight: ({ calls }) => calls.length, isUrgent: ({ calls }) => calls.some(isSecond) } },
    ),
    async start() {
      await Promise.all(shards.map((shard) => shard.start()));
      hide = [showInDoubt(inDoubt), showQueues(() => shards.flatMap(({ lanes }) => lanes.waiting()))];
    },
    async stop() {
      for (const one of hide) one();
      await Promise.all([...shards.map((shard) => shard.stop()), performer.idle()]);
    },
    inDoubt,
  };
}
