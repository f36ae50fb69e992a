// The library by which a service takes part in distributed transactions.
import { join } from 'node:path';
import type { Migrations } from '@assent/postgres';
import type { AnyAction } from './action.ts';
import { checkPrepared } from './check.ts';

export {
  type Action,
  type AnyAction,
  type BranchCall,
  defineAction,
  type HandledOperation,
  type Handler,
  type Json,
  type Outcome,
} from './action.ts';
export {
  createParticipant,
  type Participant,
  type ParticipantOptions,
  type ParticipantSettings,
} from './participant.ts';
export type { InDoubt } from './reconciler.ts';
export type { ShardDatabases } from './shard.ts';

/** What the library needs in the database of a service with these actions. */
export function participantMigrations(actions: readonly AnyAction[]): Migrations {
  const directory = join(import.meta.dirname, 'migrations');
  return { name: 'participant', directory, check: (sql) => checkPrepared(sql, actions) };
}
