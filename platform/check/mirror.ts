import type pg from 'pg';
import { withClient } from './client.ts';
import { type DatabaseName, type DatabaseUrls, derived, readOrder, type Source, sources, urlsOf } from './sources.ts';

/** How many rows go over at a time. */
const chunk = 10_000;

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
    await mirror.query(tables.join(';'));
    await mirror.query("SELECT set_config('assent.' || key, value, false) FROM json_each_text($1)", [
      JSON.stringify(settings),
    ]);
    const insert = insertInto(mirror);
    for (const together of readOrder) {
      const copies = together.flatMap((name) => urlsOf(databases, name).map((url) => copyDatabase(name, url, insert)));
      await Promise.all(copies);
    }
    for (const { table, select } of derived) await mirror.query(`CREATE TEMP TABLE ${table} AS ${select}`);
    await mirror.query(`ANALYZE ${[...new Set([...sources, ...derived].map(({ table }) => table))].join(', ')}`);
    return work(mirror);
  });
}

/** Adds rows, which are a JSON document, to a table. */
type Insert = (table: string, rows: string) => Promise<unknown>;

/** Those who copy at the same time take turns: a session does one thing at a time. */
function insertInto(mirror: pg.Client): Insert {
  let before: Promise<unknown> = Promise.resolve();
  return (table, rows) => {
    const text = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
    before = before.then(() => mirror.query(text, [rows]));
    return before;
  };
}

function copyDatabase(database: DatabaseName, url: string, insert: Insert): Promise<void> {
  return withClient(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const source of sources) if (source.database === database) await copy(source, client, insert);
    await client.query('COMMIT');
  });
}

/** Rows go over as JSON text, which PostgreSQL makes and reads. */
async function copy({ table, select }: Source, from: pg.Client, insert: Insert): Promise<void> {
  await from.query(`DECLARE source NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS row FROM (${select}) AS r`);
  for (;;) {
    const { rows } = await from.query<{ row: string }>(`FETCH ${chunk} FROM source`);
    await insert(table, `[${rows.map(({ row }) => row).join(',')}]`);
    if (rows.length < chunk) break;
  }
  await from.query('CLOSE source');
}
