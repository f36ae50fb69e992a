import { withClient } from './client.ts';
import { type DatabaseName, type DatabaseUrls, databaseNames, urlsOf } from './sources.ts';

/** What is under way over all databases at a moment. */
export interface Progress {
  /** Transactions that have not ended, and the age of the oldest. */
  readonly open: number;
  readonly oldestOpen_s: number;
  /** Prepared database transactions, and the age of the oldest. */
  readonly prepared: number;
  readonly oldestPrepared_s: number;
}

/** Ages by the clocks of the databases. Rejects when one of them can't be asked. */
export async function progressOf(databases: DatabaseUrls): Promise<Progress> {
  const transactions = await ages(
    databases,
    ['transactions'],
    'SELECT created_at AS since FROM transactions WHERE ended_at IS NULL',
  );
  const doubts = await ages(
    databases,
    databaseNames,
    'SELECT prepared AS since FROM pg_prepared_xacts WHERE database = current_database()',
  );
  return {
    open: transactions.rows,
    oldestOpen_s: transactions.oldest_s,
    prepared: doubts.rows,
    oldestPrepared_s: doubts.oldest_s,
  };
}

/** Prepared database transactions that are older than so many seconds. */
export async function countPrepared(databases: DatabaseUrls, age_s: number): Promise<number> {
  const old = await ages(
    databases,
    databaseNames,
    `SELECT prepared AS since FROM pg_prepared_xacts
      WHERE database = current_database() AND prepared < clock_timestamp() - make_interval(secs => ${age_s})`,
  );
  return old.rows;
}

interface Ages {
  readonly rows: number;
  readonly oldest_s: number;
}

async function ages(databases: DatabaseUrls, names: readonly DatabaseName[], select: string): Promise<Ages> {
  const query = `SELECT count(*)::integer AS rows, coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 AS oldest_s
    FROM (${select}) AS one`;
  const urls = names.flatMap((name) => urlsOf(databases, name));
  const all = await Promise.all(
    urls.map((url) => withClient(url, async (client) => (await client.query<Ages>(query)).rows)),
  );
  return all.flat().reduce((sum, { rows, oldest_s }) => ({
    rows: sum.rows + rows,
    oldest_s: Math.max(sum.oldest_s, oldest_s),
  }));
}
