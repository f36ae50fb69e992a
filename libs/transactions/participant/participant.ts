import type { Database } from '@assent/postgres';
import { ParticipantService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Client, implement, type RpcService } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { AnyAction } from './action.ts';
import { checkDatabase } from './check.ts';
import { execute } from './execute.ts';
import { createLanes } from './lanes.ts';
import { createPerformer } from './perform.ts';
import { createPrepared } from './prepared.ts';
import { reconcile } from './reconciler.ts';

export interface ParticipantOptions {
  /** The business's own database: barrier rows and business rows share transactions. */
  readonly database: Database;
  /**
   * The same database through connections of its own, for what ends prepared transactions. Prepared transactions hold
   * locks; when calls that wait for those locks have taken all connections of `database`, only this one gets on.
   * `database` without it.
   */
  readonly secondPhase?: Database;
  readonly actions: readonly AnyAction[];
  /** Whom to ask about prepared transactions in doubt. */
  readonly coordinator: Client<CoordinatorServiceHandlers>;
  readonly log: Logger;
  /** Calls in one batch at most; 256. */
  readonly batchSize?: number;
  /** Calls that wait in one lane at most; 4096. Those over it fail with RESOURCE_EXHAUSTED. */
  readonly queueSize?: number;
  /** Batches of one action's operation that run at a time; 1. */
  readonly concurrency?: number;
  /** PREPAREs of one action that run at a time, each on a connection of its own; 8, and `database` should have more. */
  readonly prepareConcurrency?: number;
  /** How long a PREPARE waits for locks; it votes no (CONTENTION) after 0.5 to 1.5 times this; 1 s. */
  readonly prepareLockTimeout_ms?: number;
  /** How often prepared transactions in doubt are looked for; 5 s. */
  readonly reconcileEvery_ms?: number;
  /** How old a prepared transaction must be for that; 3 s. */
  readonly inDoubtAfter_ms?: number;
}

export interface Participant {
  /** ParticipantService. */
  readonly service: RpcService;
  /** Checks the database, then starts the reconciler. Throws when the database can't do what the actions need. */
  start(): Promise<void>;
  /** Stops the reconciler and waits for what is running. */
  stop(): Promise<void>;
}

export function createParticipant(options: ParticipantOptions): Participant {
  const { database, secondPhase = database, actions, coordinator, log } = options;
  const { batchSize = 256, queueSize = 4096, concurrency = 1, prepareConcurrency = 8 } = options;
  const { prepareLockTimeout_ms = 1000, reconcileEvery_ms = 5000, inDoubtAfter_ms = 3000 } = options;
  const prepared = createPrepared({ database, secondPhase });
  const limits = { batchSize, queueSize, concurrency, prepareConcurrency, prepareLockTimeout_ms };
  const performer = createPerformer(createLanes({ database, prepared, actions, log, ...limits }));
  const reconciler = {
    database: secondPhase,
    prepared,
    coordinator,
    log,
    inDoubtAfter_ms,
    every_ms: reconcileEvery_ms,
  };
  const stopping = new AbortController();
  let reconciling: Promise<void> | undefined;

  return {
    service: implement(ParticipantService, {
      execute: ({ calls }) => execute(calls, performer.perform),
    }),
    async start() {
      await checkDatabase(options);
      reconciling = reconcile(reconciler, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await Promise.all([reconciling, performer.idle()]);
    },
  };
}
