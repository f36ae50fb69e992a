// Faults that the matrix must find.
import type { Database, Sql } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { Client } from '@assent/rpc';

type Coordinator = Client<CoordinatorServiceHandlers>;

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

/** What isn't decided yet is taken for what never will be. */
export function hasty(coordinator: Coordinator): Coordinator {
  const getDecisions: Coordinator['getDecisions'] = async (request, options) => {
    const { decisions } = await coordinator.getDecisions(request, options);
    return { decisions: decisions.map((decision) => (decision === 'UNDECIDED' ? 'UNKNOWN' : decision)) };
  };
  return { ...coordinator, getDecisions };
}
