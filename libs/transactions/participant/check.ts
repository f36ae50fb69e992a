import type { Sql } from '@assent/postgres';
import type { AnyAction } from './action.ts';

export interface CheckOptions {
  readonly database: Sql;
  readonly secondPhase?: Sql;
  readonly actions: readonly AnyAction[];
}

interface Facts {
  database: string;
  barrier: string | null;
  maxPrepared: number;
}

/** Throws, saying what is to be changed, when the database can't do what the actions need. */
export async function checkDatabase({ database, secondPhase = database, actions }: CheckOptions): Promise<void> {
  const facts = await factsOf(database);
  if (facts.barrier === null) {
    throw new Error(`the database ${facts.database} has no table 'barrier': apply participantMigrations to it`);
  }
  const other = secondPhase === database ? facts : await factsOf(secondPhase);
  if (other.database !== facts.database || other.barrier !== facts.barrier) {
    throw new Error(
      `secondPhase is the database ${other.database}, not ${facts.database} of the business and the barrier`,
    );
  }
  const preparing = actions.find((action) => action.handlers.PREPARE);
  if (preparing && facts.maxPrepared === 0) {
    throw new Error(
      `the action '${preparing.name}' has PREPARE, but this PostgreSQL has prepared transactions switched off: ` +
        'set max_prepared_transactions (100, say) in its configuration and restart it',
    );
  }
}

async function factsOf(sql: Sql): Promise<Facts> {
  const { rows } = await sql.query<Facts>(
    `SELECT current_database() AS database, to_regclass('barrier')::oid::text AS barrier,
      current_setting('max_prepared_transactions')::integer AS "maxPrepared"`,
  );
  return rows[0]!;
}
