import type { Database, Sql } from '@assent/postgres';
import { eventually } from './eventually.ts';

const timeout_ms = 10_000;

/**
 * Does two pieces of work in database transactions that overlap: the second begins when the first has done its work, and the
 * first commits when the second has done its own or waits for the first one's locks; let statements wait for these for long.
 * What each has returned.
 */
export async function overlap<T>(
  database: Database,
  first: (sql: Sql) => Promise<T>,
  second: (sql: Sql) => Promise<T>,
): Promise<[T, T]> {
  const worked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const one = database.transaction(async (sql) => {
    const result = await first(sql);
    worked.resolve();
    await go.promise;
    return result;
  });
  await Promise.race([worked.promise, one]);
  let settled = false;
  const other = database.transaction(second).finally(() => {
    settled = true;
  });
  other.catch(() => {});
  await eventually(async () => {
    if (!settled && !(await isAnyoneBlocked(database))) throw new Error('the second is neither done nor waiting');
  }, timeout_ms).finally(go.resolve);
  return Promise.all([one, other]);
}

async function isAnyoneBlocked(sql: Sql): Promise<boolean> {
  const { rowCount } = await sql.query(
    'SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0',
  );
  return rowCount > 0;
}
