// Fencing in the database: whoever was elected for some work begins a reign, and what earlier reigns still try is refused.
// "The storage server takes an active role in checking tokens": Kleppmann, How to do distributed locking (2016).
import { join } from 'node:path';
import type { Database, Sql } from './database.ts';
import type { Migrations } from './migrate.ts';

/** What fencing needs in a database. */
export const reignMigrations: Migrations = { name: 'reigns', directory: join(import.meta.dirname, 'reigns') };

/** A turn at doing some work. */
export interface Reign {
  readonly work: string;
  /** Grows with each reign. It is the database's own, since a lease may be deleted and made anew, and count from 0 again. */
  readonly number: bigint;
}

/** Ends the reign that was before, once its piece that is under way has ended: 55P03 when that takes too long. */
export async function beginReign(sql: Sql, work: string, holder: string): Promise<Reign> {
  const { rows } = await sql.query<{ number: bigint }>(
    `INSERT INTO reigns (work, number, holder) VALUES ($1, 1, $2)
    ON CONFLICT (work) DO UPDATE SET number = reigns.number + 1, holder = excluded.holder, since = now()
    RETURNING number`,
    [work, holder],
  );
  return { work, number: rows[0]!.number };
}

/**
 * The database as it is under a reign: every statement and every transaction fails, before it does anything, when a later
 * reign has begun, and that one doesn't begin while one of them is under way. A `connection` isn't fenced.
 *
 * @param fenced is told that a later reign has begun
 */
export function under(database: Database, { work, number }: Reign, fenced: () => void): Database {
  const transaction: Database['transaction'] = (piece, signal) =>
    database.transaction(async (sql) => {
      // The lock is shared with other pieces of this reign, and not with the beginning of the next.
      const { rowCount } = await sql.query('SELECT FROM reigns WHERE work = $1 AND number = $2 FOR SHARE', [
        work,
        number,
      ]);
      if (rowCount === 1) return piece(sql);
      fenced();
      throw new Error(`fenced: another replica has taken over the ${work}`);
    }, signal);
  const until: Database['until'] = (signal) => ({
    query: (text, values) => transaction((sql) => sql.query(text, values), signal),
  });
  return { ...database, ...until(undefined), until, transaction };
}
