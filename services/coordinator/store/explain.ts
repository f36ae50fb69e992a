import type { Database } from '@assent/postgres';

/** A database that remembers the statements that it was asked for. */
export function remembering(database: Database): { database: Database; texts: Set<string> } {
  const texts = new Set<string>();
  const query: Database['query'] = (text, values) => {
    texts.add(text);
    return database.query(text, values);
  };
  return { database: { ...database, query }, texts };
}

/** The plan of a statement, as it is made once for whatever values; one line for each step. */
export async function plan(database: Database, text: string): Promise<string[]> {
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`);
  return rows.map((row) => row['QUERY PLAN']);
}

/** What autovacuum would do sooner or later. */
export async function vacuum(database: Database): Promise<void> {
  await database.query('VACUUM ANALYZE');
}
