// What is done to a platform by SQL.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** As which our sessions show, so that none of them is ended by ourselves. */
const applicationName = 'chaos';
const connectTimeout_ms = 2000;
/** Opened at a time. */
const concurrency = 8;
const pause_ms = 100;

/** Runs the work with a connection. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await open(url);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeout_ms,
    query_timeout: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Locks all tables of the database, again and again, until it is aborted. */
export async function lockTables(url: string, hold_ms: number, signal: AbortSignal): Promise<void> {
  const stop = sleep(2 ** 30, undefined, { signal, ref: false }).catch(() => {});
  while (!signal.aborted) {
    await withClient(url, async (client) => {
      const { rows } = await client.query<{ tables: string }>(
        `SELECT string_agg(oid::regclass::text, ', ' ORDER BY oid) AS tables FROM pg_class
          WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`,
      );
      await client.query(`SET lock_timeout = '1s'; BEGIN; LOCK TABLE ${rows[0]?.tables} IN ACCESS EXCLUSIVE MODE`);
      await Promise.race([sleep(hold_ms), stop]);
      await client.query('ROLLBACK');
      // Whoever got no lock, or no connection, tries again like us.
    }).catch(() => {});
    await Promise.race([sleep(pause_ms), stop]);
  }
}

/**
 * Takes all connections that the server has for the role of the URL, ends those that others have as that role, and takes
 * theirs too, until it is aborted; then gives all back.
 */
export async function takeConnections(adminUrl: string, url: string, signal: AbortSignal): Promise<void> {
  const taken: pg.Client[] = [];
  const take = async () => {
    for (let isFull = false; !isFull && !signal.aborted; ) {
      const opened = await Promise.allSettled(Array.from({ length: concurrency }, () => open(url)));
      for (const one of opened) if (one.status === 'fulfilled') taken.push(one.value);
      isFull = opened.some(({ status }) => status === 'rejected');
    }
  };
  const endOthers = (admin: pg.Client) =>
    admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = $1 AND application_name <> $2 AND backend_type = 'client backend'`,
      [decodeURIComponent(new URL(url).username), applicationName],
    );
  try {
    // Some connections are kept for superusers.
    await withClient(adminUrl, async (admin) => {
      while (!signal.aborted) {
        await take();
        await endOthers(admin);
        await sleep(pause_ms / 2);
      }
    });
  } finally {
    await Promise.all(taken.map((client) => client.end().catch(() => {})));
  }
}

/** Fills the log, so that a disk without room makes itself felt at once; ends when the server does, or when it is aborted. */
export async function fillLog(adminUrl: string, signal: AbortSignal): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    while (!signal.aborted) {
      // Nothing is switched unless something was written.
      await admin.query(`SELECT pg_logical_emit_message(false, 'chaos', 'full')`);
      await admin.query('SELECT pg_switch_wal()');
    }
  }).catch(() => {});
}
