// A PostgreSQL server for one run of the matrix.
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseAndRole, startPostgres } from '@assent/postgres/embedded';

export interface Server {
  /** The URL of a new database. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

export async function openServer(): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-failpoints-'));
  // As root, PostgreSQL runs as another account, which must get through.
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({
    directory,
    maxConnections: 300,
    maxPreparedTransactions: 200,
    durable: false,
  });
  return {
    createDatabase: () => createDatabase(postgres.adminUrl),
    async stop() {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** On the server of that administrator. */
export function createDatabase(adminUrl: string): Promise<string> {
  const name = `world_${randomUUID()}`;
  return createDatabaseAndRole(adminUrl, { database: name, role: name, password: randomUUID() });
}
