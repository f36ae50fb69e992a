import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Database,
  type DatabaseOptions,
  type Migrations,
  migrate,
  openDatabase,
  type Sql,
} from '@assent/postgres';
import { asAdmin, tester } from './tester.ts';

export interface TestDatabase {
  /** Of an ordinary role that owns the database. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A new database of one's own, migrated: a copy of one that is migrated once per run. */
export function testDatabase(migrations: readonly Migrations[] = []): Promise<TestDatabase> {
  const adminUrl = process.env.ASSENT_TEST_POSTGRES;
  if (!adminUrl) throw new Error('no PostgreSQL for tests: run them by jest, with the configuration of the repository');
  return asAdmin(adminUrl, async (sql) => {
    const template = await findTemplate(sql, adminUrl, migrations);
    const name = `test_${randomUUID()}`;
    await sql.query(`create database "${name}" owner ${tester.role} template "${template}"`);
    return {
      url: testerUrl(adminUrl, name),
      drop: () => asAdmin(adminUrl, (admin) => dropDatabase(admin, name)),
    };
  });
}

/** For a test in which one waits for another on purpose, however busy the machine is. */
export const patient = { lockTimeout_ms: 20_000, statementTimeout_ms: 20_000 };

/** A new database of one's own, opened; closing drops it. */
export async function openTestDatabase(
  migrations?: readonly Migrations[],
  options: Partial<DatabaseOptions> = {},
): Promise<Database & { readonly url: string }> {
  const { url, drop } = await testDatabase(migrations);
  const database = openDatabase({ url, name: 'test', size: 10, acquireTimeout_ms: 60_000, ...options });
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await drop();
    },
  };
}

/** The name of a database with just the migrations applied, made when it isn't there. */
async function findTemplate(sql: Sql, adminUrl: string, migrations: readonly Migrations[]): Promise<string> {
  const template = `template_${digest(migrations)}`;
  await sql.query('select pg_advisory_lock(hashtext($1))', [template]);
  try {
    const { rowCount } = await sql.query('select from pg_database where datname = $1 and datistemplate', [template]);
    if (rowCount === 0) await createTemplate(sql, adminUrl, migrations, template);
    return template;
  } finally {
    await sql.query('select pg_advisory_unlock(hashtext($1))', [template]);
  }
}

async function createTemplate(
  sql: Sql,
  adminUrl: string,
  migrations: readonly Migrations[],
  name: string,
): Promise<void> {
  await dropDatabase(sql, name);
  await sql.query(`create database "${name}" owner ${tester.role}`);
  await migrate(testerUrl(adminUrl, name), migrations);
  // Only what is complete is a template.
  await sql.query(`alter database "${name}" is_template true`);
}

async function dropDatabase(sql: Sql, name: string): Promise<void> {
  await sql.query(`drop database if exists "${name}" with (force)`);
}

function testerUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.username = tester.role;
  url.password = tester.password;
  url.pathname = `/${database}`;
  return url.href;
}

function digest(migrations: readonly Migrations[]): string {
  const hash = createHash('sha256');
  for (const { name, directory } of migrations) {
    hash.update(`${name}\n`);
    for (const file of readdirSync(directory).sort())
      hash.update(`${file}\n`).update(readFileSync(join(directory, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
