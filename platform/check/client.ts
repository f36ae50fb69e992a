import pg from 'pg';
import { application } from './sources.ts';

/** Hands the work a connection to a database; fails when there is none within 5 s. */
export async function withClient<T>(
  connectionString: string | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  if (connectionString === undefined) throw new Error('the running platform does not say where its databases are');
  const client = new pg.Client({ connectionString, application_name: application, connectionTimeoutMillis: 5000 });
  // A connection that breaks while nothing is asked of it; the next query says so.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
