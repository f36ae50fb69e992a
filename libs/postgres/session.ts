import type pg from 'pg';
import { beginWith } from './begin.ts';
import { cancelWhile } from './cancel.ts';
import type { Sql } from './database.ts';
import { isConnectionUsable, sqlState } from './errors.ts';
import { statementName } from './statements.ts';

/** The time in which one piece of work has a connection for itself. */
export interface Session extends Sql {
  /** Commits what has been begun. */
  commit(): Promise<void>;
  /** Rolls back what hasn't been committed and gives the connection back; destroys it when its state isn't known. */
  end(): Promise<void>;
}

const QUERY_CANCELED = '57014';

type Config = pg.QueryConfig<unknown[]>;
type Query = string | Config | pg.Query;

/**
 * A session on a connection of a pool; a transactional one begins its transaction with the first statement. When the signal
 * aborts, what is running is cancelled and nothing more is run, but a COMMIT that has been sent is left alone.
 */
export function openSession(client: pg.PoolClient, transactional: boolean, signal?: AbortSignal): Session {
  let begun = false;
  let ended = false;
  let usable = true;
  let running = 0;
  // An error is known before the state of the transaction that it leaves behind.
  let inDoubt = false;

  let last: Promise<unknown> = Promise.resolve();
  let cancelled: Promise<void> | undefined;

  const isOpen = () => inDoubt || running > 0 || client.getTransactionStatus() !== 'I';

  function cancel(): void {
    const runningLast = () => (running > 0 ? last : undefined);
    cancelled = cancelWhile(runningLast, client).catch(() => {
      usable = false;
    });
  }
  signal?.addEventListener('abort', cancel);

  /** From here on nothing is cancelled, and nothing on its way can hit what is sent next. */
  async function stopCancelling(): Promise<void> {
    signal?.removeEventListener('abort', cancel);
    await cancelled;
  }

  async function run(query: Query): Promise<pg.QueryResult> {
    running++;
    try {
      const sent = send(client, query);
      last = sent;
      const result = await sent;
      inDoubt = false;
      return result;
    } catch (error) {
      usable &&= isConnectionUsable(error);
      inDoubt ||= transactional || typeof query === 'string';
      if (cancelled && sqlState(error) === QUERY_CANCELED) throw signal?.reason;
      // Its own stack leads to the socket; this one leads to whoever asked.
      Error.captureStackTrace(error as Error);
      throw error;
    } finally {
      running--;
    }
  }

  return {
    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      if (ended) throw new Error('the connection has been given back already');
      signal?.throwIfAborted();
      const isFirst = transactional && !begun;
      begun ||= transactional;
      const { command, rows, rowCount } = await run(values ? prepared(text, values, isFirst) : plain(text, isFirst));
      if (command === 'ROLLBACK' && !/\brollback\b/i.test(text)) throw rolledBack();
      return { rows: rows as Row[], rowCount: rowCount ?? 0 };
    },
    async commit() {
      await stopCancelling();
      if (!begun || !isOpen()) return;
      signal?.throwIfAborted();
      const { command } = await run('COMMIT');
      if (command === 'ROLLBACK') throw rolledBack();
    },
    async end() {
      ended = true;
      await stopCancelling();
      // Behind whatever is still running.
      if (usable && isOpen()) await run('ROLLBACK').catch(() => {});
      client.release(!usable || client.getTransactionStatus() !== 'I');
    },
  };
}

function send(client: pg.PoolClient, query: Query): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    client.query(query as Config, (error: Error | undefined, result: pg.QueryResult) => {
      if (error) reject(error);
      // Several statements have several results.
      else resolve([result].flat().at(-1)!);
    });
  });
}

function prepared(text: string, values: readonly unknown[], isFirst: boolean): Config | pg.Query {
  const config = { name: statementName(text), text, values: values as unknown[] };
  return isFirst ? beginWith(config) : config;
}

function plain(text: string, isFirst: boolean): string {
  return isFirst ? `BEGIN;${text}` : text;
}

function rolledBack(): Error {
  return new Error('the transaction was rolled back, not committed: one of its statements had failed');
}
