import { openPool, type PoolLoad } from './pool.ts';
import { openSession, type Session } from './session.ts';

/** What runs statements: a database, or one connection of it. */
export interface Sql {
  /**
   * Runs one statement. With values it is prepared once per connection, so write values as parameters and keep the text
   * constant. int8 (and int8[]) arrives as BigInt, timestamptz as Date, json and jsonb parsed, numeric as a string.
   * Calls that don't wait for each other are sent at once and run in the order of the calls.
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number }>;
}

export interface Database extends Sql {
  /**
   * The same for somebody who may lose interest: when the signal aborts, the statements are cancelled that still run, and
   * fail with its reason.
   */
  until(signal: AbortSignal | undefined): Sql;
  /**
   * BEGIN, the work, COMMIT; ROLLBACK when the work throws. Whatever is asked of `sql` afterwards fails. When the signal
   * aborts before the COMMIT, it is rolled back, and fails with the signal's reason.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** One connection for the work, without a transaction. */
  connection<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** What its connections have to do. */
  load(): PoolLoad;
  /** Waits for what is running, 5 s at most, then closes all connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** postgres://role:password@host:port/database */
  readonly url: string;
  /** What pg_stat_activity shows as application_name. */
  readonly name: string;
  /** How many connections at most. */
  readonly size: number;
  /** For partitioned tables: joins look rows up one by one, by their keys, however small the tables were when it was planned. */
  readonly joinsByKey?: boolean;
  /** How long a statement may wait for a lock; 2 s. */
  readonly lockTimeout_ms?: number;
  /** How long a statement may run; 10 s. */
  readonly statementTimeout_ms?: number;
  /** How long to wait for a connection; 5 s. */
  readonly acquireTimeout_ms?: number;
}

/** Opens a pool of connections; the first is made with the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool(options);

  async function inSession<T>(
    transactional: boolean,
    work: (session: Session) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const session = openSession(await pool.acquire(signal), transactional, signal);
    try {
      const result = await work(session);
      await session.commit();
      return result;
    } finally {
      await session.end();
    }
  }

  return {
    query: (text, values) => inSession(false, (session) => session.query(text, values)),
    until: (signal) => ({
      query: (text, values) => inSession(false, (session) => session.query(text, values), signal),
    }),
    transaction: (work, signal) => inSession(true, work, signal),
    connection: (work) => inSession(false, work),
    load: pool.load,
    close: () => pool.close(),
  };
}
