// All SQL of the coordinator: the log of transactions and the leases of those who drive them.
import type { Database } from '@assent/postgres';
import * as acts from './acts.ts';
import * as keys from './keys.ts';
import * as leases from './leases.ts';
import { list } from './list.ts';
import * as open from './open.ts';
import * as partitions from './partitions.ts';
import * as read from './read.ts';
import { write } from './write.ts';

export type { Act, ActChange } from './acts.ts';
export type { Peer } from './leases.ts';
export type { ListOptions } from './list.ts';
export type { Standing } from './read.ts';
export { type LoggedTransaction, recordVersion } from './schema.ts';
export type { Begin, LogBatch, StateChange, Written } from './write.ts';

export type Store = ReturnType<typeof createStore>;

/**
 * The store of one database; its functions are described where they are. Leases are renewed by the second pool of
 * connections, if there is one: they must not wait until others have had their turn.
 */
export function createStore(database: Database, heart = database) {
  const { renew, register, ...others } = leases;
  return {
    ...bound(database, { ...acts, ...keys, ...others, ...open, ...partitions, ...read, list, write }),
    ...bound(heart, { renew, register }),
  };
}

type Bound<F> = F extends (database: Database, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never;

/** The functions, each with the database as its first argument. */
function bound<T extends Record<string, (database: Database, ...rest: never[]) => unknown>>(
  database: Database,
  functions: T,
) {
  return Object.fromEntries(
    Object.entries(functions).map(([name, work]) => [name, (...rest: never[]) => work(database, ...rest)]),
  ) as { readonly [Name in keyof T]: Bound<T[Name]> };
}
