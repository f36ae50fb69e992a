// Pools of connections: who waits for one, waits. It is shown, and counts as load.
import type { Database, PoolLoad } from '@assent/postgres';
import { addStrain, gauge } from '@assent/telemetry';

const labels = ['pool'] as const;
const connections = gauge('assent_pool_connections', 'Connections to a database, at most.', labels);
const busy = gauge('assent_pool_busy_connections', 'Connections that somebody has.', labels);
const waiting = gauge('assent_pool_waiting', 'How many wait for a connection.', labels);
const wait = gauge('assent_pool_wait_seconds', 'How long one waits for a connection, lately.', labels);

/** @param pools what each is for; gives what ends it */
export function watchPools(pools: ReadonlyMap<Database, string>): () => void {
  /** Shards have a pool each, for the same. */
  const perName = (value: (loads: readonly PoolLoad[]) => number) => () =>
    [...Map.groupBy(pools, ([, name]) => name)].map(([pool, same]) => ({
      labels: { pool },
      value: value(same.map(([database]) => database.load())),
    }));
  const sum = (pick: (load: PoolLoad) => number) => perName((loads) => loads.reduce((all, one) => all + pick(one), 0));
  const longest_ms = (loads: readonly PoolLoad[]) => Math.max(0, ...loads.map(({ wait_ms }) => wait_ms));
  const ends = [
    connections.watch(sum(({ size }) => size)),
    busy.watch(sum((load) => load.busy)),
    waiting.watch(sum((load) => load.waiting)),
    wait.watch(perName((loads) => longest_ms(loads) / 1_000)),
    addStrain(() => longest_ms([...pools.keys()].map((database) => database.load()))),
  ];
  return () => {
    for (const end of ends) end();
  };
}
