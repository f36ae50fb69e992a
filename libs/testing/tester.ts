import { openDatabase, type Sql } from '@assent/postgres';

/** The ordinary role that owns all test databases. Its password guards nothing. */
export const tester = { role: 'tester', password: 'tester' };

/** Lets that role connect to the server of a test run. */
export function createTester(adminUrl: string): Promise<void> {
  return asAdmin(adminUrl, async (sql) => {
    await sql.query(`create role ${tester.role} login password '${tester.password}'`);
  });
}

/** Runs statements as superuser. */
export async function asAdmin<T>(adminUrl: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const database = openDatabase({
    url: adminUrl,
    name: 'testing',
    size: 1,
    acquireTimeout_ms: 60_000,
    statementTimeout_ms: 60_000,
    lockTimeout_ms: 60_000,
  });
  try {
    return await database.connection(work);
  } finally {
    await database.close();
  }
}
