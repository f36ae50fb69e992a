// Work that one replica is enough for.
import { setTimeout as sleep } from 'node:timers/promises';
import { beginReign, type Database, under } from '@assent/postgres';
import { gauge, type Logger } from '@assent/telemetry';
import { type Election, stand, type Tenure } from './election.ts';
import { type LeaseName, leaseApi } from './kubernetes.ts';

/**
 * Does work on a database until the signal: goes on for as long as its own signal lets it, and doesn't throw. What it does on
 * the database that it is given, it does only while it is its turn; every piece that belongs together is one transaction of it.
 *
 * @param name of the work, the same in all replicas and versions
 */
export type Singleton = (
  name: string,
  database: Database,
  work: (database: Database, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

/** Each replica does it. */
export const everywhere: Singleton = (_, database, work, signal) => work(database, signal);

export interface SingletonOptions {
  readonly election: Election;
  readonly candidate: string;
  readonly log: Logger;
  /** Between two reigns of the same tenure. */
  readonly breath_ms?: number;
}

const BREATH_MS = 2_000;

/** The replica does it that is elected, each time under a reign of its own in the work's database. */
export function createSingleton({ election, candidate, log, breath_ms = BREATH_MS }: SingletonOptions): Singleton {
  /** One reign: until the end of the tenure, of the work, or of this reign because another has begun. */
  async function reign(tenure: Tenure, ...[name, database, work, signal]: Parameters<Singleton>): Promise<void> {
    const fenced = new AbortController();
    const stop = AbortSignal.any([signal, tenure.over, fenced.signal]);
    // It may have stood still since it was elected.
    if (tenure.isOver()) return;
    const own = await beginReign(database, name, candidate);
    const guarded = under(database, own, () => {
      if (fenced.signal.aborted) return;
      log.warn({ work: name, reign: own.number }, 'fenced: another replica has begun this work since');
      fenced.abort();
    });
    await work(guarded, stop);
  }

  return async (name, database, work, signal) => {
    for (;;) {
      const tenure = await election.tenure(signal);
      if (!tenure) return;
      await reign(tenure, name, database, work, signal).catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err, work: name }, 'this work could not be begun, trying again');
      });
      await sleep(breath_ms * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => {});
    }
  };
}

const leader = gauge('assent_singleton_leader', 'Whether this replica does what one is enough for: 1 or 0.', ['lease']);

export interface Elected {
  readonly singleton: Singleton;
  /** Ends what is under way, and lets others take over at once. Doesn't throw. */
  close(): Promise<void>;
}

/** Stands for election by a Lease in Kubernetes from the first work on. */
export function electedBy(lease: LeaseName, candidate: string, log: Logger): Elected {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let standing: { election: Election; singleton: Singleton } | undefined;
  const unwatch = leader.watch(() => {
    const labels = { lease: `${lease.namespace}/${lease.name}` };
    return [{ labels, value: standing?.election.isHolder() ? 1 : 0 }];
  });

  function start() {
    const election = stand({ connect: () => leaseApi(lease), candidate, log });
    return { election, singleton: createSingleton({ election, candidate, log }) };
  }

  return {
    async singleton(name, database, work, signal) {
      standing ??= start();
      const done = standing.singleton(name, database, work, AbortSignal.any([signal, closing.signal]));
      running.add(done);
      await done.finally(() => running.delete(done));
    },
    async close() {
      closing.abort();
      unwatch();
      standing?.election.resign();
      await Promise.allSettled(running);
      await standing?.election.release();
    },
  };
}
