import pg from 'pg';
import type { DatabaseOptions } from './database.ts';
import { types } from './types.ts';
import { createWaits, type Waits } from './waits.ts';

const CLOSE_TIMEOUT_MS = 5000;
const IDLE_IN_TRANSACTION_MS = 10_000;
const LIFETIME_S = 1800;
const WAITING_PER_CONNECTION = 100;

/** What a pool has to do. */
export interface PoolLoad {
  /** Connections at most. */
  readonly size: number;
  /** Connections that somebody has. */
  readonly busy: number;
  /** How many wait for one. */
  readonly waiting: number;
  /** How long one waits for it: the mean of the last second, more or less. */
  readonly wait_ms: number;
}

export interface ConnectionPool {
  /** Fails with the signal's reason when it aborts meanwhile. */
  acquire(signal?: AbortSignal): Promise<pg.PoolClient>;
  load(): PoolLoad;
  close(): Promise<void>;
}

export function openPool(options: DatabaseOptions): ConnectionPool {
  const pool = new pg.Pool(poolConfig(options));
  const clients = new Set<pg.PoolClient>();
  // A connection that breaks fails the statement that runs on it, or is replaced when it is idle: nothing else to be done.
  pool.on('error', () => {});
  pool.on('connect', (client) => clients.add(client.on('error', () => {})));
  pool.on('remove', (client) => clients.delete(client));
  const waits = createWaits();
  let closed: Promise<void> | undefined;
  return {
    acquire: (signal) => acquire(pool, options.size * WAITING_PER_CONNECTION, waits, signal),
    load: () => ({
      size: options.size,
      busy: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      wait_ms: waits.mean_ms(performance.now()),
    }),
    close() {
      closed ??= close(pool, clients);
      return closed;
    },
  };
}

function acquire(
  pool: pg.Pool,
  waitingLimit: number,
  waits: Waits,
  signal: AbortSignal | undefined,
): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    if (pool.waitingCount >= waitingLimit) return reject(new Error('too many wait for a connection to the database'));
    const end = waits.begin(performance.now());
    const leave = () => reject(signal?.reason);
    signal?.addEventListener('abort', leave);
    pool.connect((error, client) => {
      end(performance.now());
      signal?.removeEventListener('abort', leave);
      // The pool knows nothing of leaving its queue.
      if (client && signal?.aborted) client.release();
      else if (client) resolve(client);
      else reject(error);
    });
  });
}

async function close(pool: pg.Pool, clients: Set<pg.PoolClient>): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of clients) (client as unknown as pg.Client).connection.stream.destroy();
  }, CLOSE_TIMEOUT_MS);
  await pool.end();
  clearTimeout(timer);
}

// Statements are prepared once and find their rows by keys. A plan of its own for the values of each call costs more than
// running it. And a plan that reads a whole table, because the table was small when it was made, stays when it has grown.
const planning = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';
// So does one that reads all partitions to join them with a handful of keys. And PostgreSQL 18 crashes when a statement that
// prunes partitions while it runs finds that somebody has changed a row that it is about to change.
const lookUps = '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c enable_partition_pruning=off';

function poolConfig({ url, name, size, joinsByKey, ...timeouts }: DatabaseOptions): pg.PoolConfig {
  const { lockTimeout_ms = 2000, statementTimeout_ms = 10_000, acquireTimeout_ms = 5000 } = timeouts;
  return {
    connectionString: url,
    application_name: name,
    options: joinsByKey ? `${planning} ${lookUps}` : planning,
    max: size,
    types,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: acquireTimeout_ms,
    lock_timeout: lockTimeout_ms,
    statement_timeout: statementTimeout_ms,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // For a server that doesn't answer at all.
    query_timeout: statementTimeout_ms + 1000,
    idleTimeoutMillis: 0,
    maxLifetimeSeconds: LIFETIME_S,
  };
}
