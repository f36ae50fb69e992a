// The library by which a service takes part in distributed transactions.
import { join } from 'node:path';

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

/** What the library needs in the service's database. */
export const participantMigrations = {
  name: 'participant',
  directory: join(import.meta.dirname, 'migrations'),
} as const;
