import type pg from 'pg';
import { beginWith } from './begin.ts';
import type { Sql } from './database.ts';
import { isConnectionUsable } from './errors.ts';
import { statementName } from './statements.ts';

/** The time in which one piece of work has a connection for itself. */
export interface Session extends Sql {
  /** Commits what has been begun. */
  commit(): Promise<void>;
  /** Rolls back what hasn't been committed and gives the connection back; destroys it when its state isn't known. */
  end(): Promise<void>;
}

type Config = pg.QueryConfig<unknown[]>;
type Query = string | Config | pg.Query;

/** A session on a connection of a pool; a transactional one begins its transaction with the first statement. */
export function openSession(client: pg.PoolClient, transactional: boolean): Session {
  let begun = false;
  let ended = false;
  let usable = true;
  let running = 0;
  // An error is known before the state of the transaction that it leaves behind.
  let inDoubt = false;

  const isOpen = () => inDoubt || running > 0 || client.getTransactionStatus() !== 'I';

  async function run(query: Query): Promise<pg.QueryResult> {
    running++;
    try {
      const result = await send(client, query);
      inDoubt = false;
      return result;
    } catch (error) {
      usable &&= isConnectionUsable(error);
      inDoubt ||= transactional || typeof query === 'string';
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
      const isFirst = transactional && !begun;
      begun ||= transactional;
      const { command, rows, rowCount } = await run(values ? prepared(text, values, isFirst) : plain(text, isFirst));
      if (command === 'ROLLBACK' && !/\brollback\b/i.test(text)) throw rolledBack();
      return { rows: rows as Row[], rowCount: rowCount ?? 0 };
    },
    async commit() {
      if (!begun || !isOpen()) return;
      const { command } = await run('COMMIT');
      if (command === 'ROLLBACK') throw rolledBack();
    },
    async end() {
      ended = true;
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
