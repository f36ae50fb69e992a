// A PostgreSQL server of a test's own, which it can end and start again.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase } from '@assent/postgres';
import { createDatabaseAndRole, startPostgres } from '@assent/postgres/embedded';
import { ledgerMigrations } from './ledger.ts';

export interface OwnServer {
  /** Of a database with `ledgerMigrations`. */
  readonly url: string;
  readonly adminUrl: string;
  /** Ends it as a power failure would, and starts it again. */
  crash(maxPreparedTransactions: number): Promise<void>;
  /** How often sessions have flushed the log since the server's start. Ends all sessions, since they report then. */
  flushes(): Promise<number>;
  close(): Promise<void>;
}

export async function openOwnServer(maxPreparedTransactions: number): Promise<OwnServer> {
  // By this name the next run finds what one that was killed has left behind.
  const directory = mkdtempSync(join(tmpdir(), `assent-test-${process.pid}-`));
  // As root, PostgreSQL runs as another account, which must get through.
  chmodSync(directory, 0o711);
  let server = await startPostgres({ directory, maxConnections: 50, maxPreparedTransactions });
  const { port } = server;
  const url = await createDatabaseAndRole(server.adminUrl, { database: 'ledger', role: 'ledger', password: 'ledger' });
  await migrate(url, ledgerMigrations);
  return {
    url,
    adminUrl: server.adminUrl,
    async crash(slots) {
      process.kill(server.pid, 'SIGQUIT');
      await server.stop();
      server = await startPostgres({ directory, port, maxConnections: 50, maxPreparedTransactions: slots });
    },
    async flushes() {
      const admin = openDatabase({ url: server.adminUrl, name: 'test', size: 1 });
      await admin.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'ledger'`);
      const { rows } = await admin.query<{ fsyncs: number }>(
        `SELECT sum(fsyncs)::float8 AS fsyncs FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'`,
      );
      await admin.close();
      return rows[0]!.fsyncs;
    },
    async close() {
      await server.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
