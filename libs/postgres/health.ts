import type { Sql } from './database.ts';

/** Whether the database answers, within the time that its statements may take. */
export function answers(database: Sql): Promise<boolean> {
  return database.query('select 1', []).then(
    () => true,
    () => false,
  );
}
