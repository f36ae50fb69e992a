import type { Database } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client, RpcService } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { AnyAction } from './action.ts';

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
  /** PREPAREs of one action that run at a time, each on a connection of its own; 4. */
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

export function createParticipant(_options: ParticipantOptions): Participant {
  throw new Error('to be written');
}
