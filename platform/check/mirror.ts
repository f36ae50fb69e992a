import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { withClient } from './client.ts';
import { type DatabaseName, type DatabaseUrls, derived, readOrder, sources, urlsOf } from './sources.ts';

/**
 * Copies what the invariants need from the services' databases into temporary tables of one session, where they can be
 * queried together, with settings named `assent.…`, and hands that session to the work. Each database is read in one snapshot.
 */
export async function withMirror<T>(
  databases: DatabaseUrls,
  settings: Readonly<Record<string, string>>,
  work: (mirror: pg.Client) => Promise<T>,
): Promise<T> {
  return withClient(urlsOf(databases, 'transactions')[0], async (mirror) => {
    const tables = sources.map(({ table, columns }) => `CREATE TEMP TABLE IF NOT EXISTS ${table} (${columns})`);
    // A sort or a join may take so much memory, and goes by the disk from then on.
    await mirror.query("SET work_mem = '64MB'; SET temp_buffers = '64MB'");
    await mirror.query(tables.join(';'));
    await mirror.query("SELECT set_config('assent.' || key, value, false) FROM json_each_text($1)", [
      JSON.stringify(settings),
    ]);
    for (const together of readOrder) {
      const inTurn = takingTurns();
      const copies = together.flatMap((name) =>
        urlsOf(databases, name).map((url) =>
          withSnapshot(url, (database) => inTurn(() => copyDatabase(name, database, mirror))),
        ),
      );
      await Promise.all(copies);
    }
    await analyze(mirror, sources);
    for (const { table, select } of derived) await mirror.query(`CREATE TEMP TABLE ${table} AS ${select}`);
    await analyze(mirror, derived);
    return work(mirror);
  });
}

/** So that the planner knows how much there is. */
function analyze(mirror: pg.Client, tables: readonly { readonly table: string }[]): Promise<unknown> {
  return mirror.query(`ANALYZE ${[...new Set(tables.map(({ table }) => table))].join(', ')}`);
}

/** A session does one thing at a time: each work is done when the one before has been, or not at all when that has failed. */
function takingTurns(): (work: () => Promise<void>) => Promise<void> {
  let before = Promise.resolve();
  return (work) => {
    before = before.then(work);
    return before;
  };
}

/** Hands the work a session that sees the database as it is at the beginning, however long it takes. */
function withSnapshot(url: string, work: (database: pg.Client) => Promise<void>): Promise<void> {
  return withClient(url, async (database) => {
    await database.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_current_snapshot()');
    await work(database);
    await database.query('COMMIT');
  });
}

/** Rows go through as they are, a piece at a time: what the select gives must be what the table takes, in its order. */
async function copyDatabase(name: DatabaseName, database: pg.Client, mirror: pg.Client): Promise<void> {
  for (const { table, select } of sources.filter((source) => source.database === name)) {
    const rows = database.query(copyTo(`COPY (${select}) TO STDOUT`));
    await pipeline(rows, mirror.query(copyFrom(`COPY ${table} FROM STDIN`))).catch((error: Error) => {
      // There may be several of a kind: one that its service hasn't made its tables in, say.
      throw new Error(`the database ${database.database}: ${error.message}`, { cause: error });
    });
  }
}
