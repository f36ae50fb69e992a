import type { Sql } from '@assent/postgres';
import type { Logger } from '@assent/telemetry';
import type { AnyAction } from './action.ts';

export interface CheckOptions {
  readonly database: Sql;
  readonly secondPhase: Sql;
  readonly actions: readonly AnyAction[];
  /** PREPAREs of one action that run at a time. */
  readonly prepareConcurrency: number;
  readonly log: Logger;
}

interface Facts {
  database: string;
  barrier: string | null;
  maxPrepared: number;
}

/** Throws, saying what is to be changed, when the database can't do what the actions need; warns when it can do little. */
export async function checkDatabase(options: CheckOptions): Promise<void> {
  const { database, secondPhase, actions, prepareConcurrency, log } = options;
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
  requirePrepared(facts, actions);
  // Those over it fail and are asked again: slow, but not wrong.
  const needed = actions.filter(canPrepare).length * prepareConcurrency;
  if (facts.maxPrepared < needed) {
    log.warn(
      { max_prepared_transactions: facts.maxPrepared, needed },
      `max_prepared_transactions is ${facts.maxPrepared}, and this replica alone prepares up to ${needed} at a time: ` +
        `set it to ${needed} for each replica of each participant on this server, at least`,
    );
  }
}

/** Throws when actions need prepared transactions, and the server has none. */
export async function checkPrepared(sql: Pick<Sql, 'query'>, actions: readonly AnyAction[]): Promise<void> {
  requirePrepared(await factsOf(sql), actions);
}

function requirePrepared({ database, maxPrepared }: Facts, actions: readonly AnyAction[]): void {
  const preparing = actions.find(canPrepare);
  if (!preparing || maxPrepared > 0) return;
  throw new Error(
    `the action '${preparing.name}' has PREPARE, but the server of the database ${database} has prepared transactions switched off: ` +
      'set max_prepared_transactions (100, say) in its configuration and restart it',
  );
}

function canPrepare({ handlers }: AnyAction): boolean {
  return handlers.PREPARE !== undefined;
}

async function factsOf(sql: Pick<Sql, 'query'>): Promise<Facts> {
  const { rows } = await sql.query<Facts>(
    `SELECT current_database() AS database, to_regclass('barrier')::oid::text AS barrier,
      current_setting('max_prepared_transactions')::integer AS "maxPrepared"`,
  );
  return rows[0]!;
}
