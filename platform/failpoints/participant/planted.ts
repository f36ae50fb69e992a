// Faults that the matrix must find.
import type { Database, Sql } from '@assent/postgres';

/** Whoever claims a phase gets it, also when somebody had it before. */
export function withoutBarrier(database: Database): Database {
  const blind = (sql: Sql): Sql => ({
    async query<Row extends object>(text: string, values?: readonly unknown[]) {
      const { rows, rowCount } = await sql.query<Row>(text, values);
      return { rows: rows.map((row) => ('claimed' in row ? { ...row, claimed: true } : row)), rowCount };
    },
  });
  return {
    ...database,
    transaction: (work) => database.transaction((sql) => work(blind(sql))),
    connection: (work) => database.connection((sql) => work(blind(sql))),
  };
}
