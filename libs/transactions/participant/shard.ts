// One database of a participant: its lanes, what is prepared in it, and what looks after it.
import type { Singleton } from '@assent/lease';
import type { Database } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { AnyAction } from './action.ts';
import { checkDatabase } from './check.ts';
import { createLanes, type Lanes, type LanesOptions } from './lanes.ts';
import { createPrepared } from './prepared.ts';
import { countInDoubt, type InDoubt, reconcile } from './reconciler.ts';
import { createRetention } from './retention.ts';

export interface ShardDatabases {
  /** The business's own database: barrier rows and business rows share transactions. */
  readonly database: Database;
  /**
   * The same database through connections of its own, for what ends prepared transactions. Prepared transactions hold
   * locks; when calls that wait for those locks have taken all connections of `database`, only this one gets on.
   * `database` without it.
   */
  readonly secondPhase?: Database;
}

export interface ShardOptions extends Required<ShardDatabases>, Omit<LanesOptions, 'prepared' | 'isTooLate'> {
  readonly actions: readonly AnyAction[];
  readonly coordinator: Client<CoordinatorServiceHandlers>;
  readonly log: Logger;
  readonly singleton?: Singleton;
  readonly reconcileEvery_ms: number;
  readonly inDoubtAfter_ms: number;
  readonly barrierRetention_ms: number;
}

export interface Shard {
  readonly lanes: Lanes;
  start(): Promise<void>;
  stop(): Promise<void>;
  inDoubt(): Promise<InDoubt>;
}

export function createShard(options: ShardOptions): Shard {
  const { database, secondPhase, coordinator, log, inDoubtAfter_ms, reconcileEvery_ms: every_ms } = options;
  const prepared = createPrepared({ database, secondPhase });
  const reconciler = { database: secondPhase, prepared, coordinator, log, inDoubtAfter_ms, every_ms };
  const retention = createRetention(options);
  const stopping = new AbortController();
  let working: Promise<unknown> | undefined;

  return {
    lanes: createLanes({ ...options, prepared, isTooLate: retention.isTooLate }),
    async start() {
      await checkDatabase(options);
      await retention.prepare();
      working = Promise.all([reconcile(reconciler, stopping.signal), retention.run(stopping.signal)]);
    },
    async stop() {
      stopping.abort();
      await working;
    },
    inDoubt: () => countInDoubt(secondPhase),
  };
}
