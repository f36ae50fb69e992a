import { startPostgres } from '@assent/postgres/embedded';
import { passwordsPath, postgresDirectory, spareDirectory } from '../run/paths.ts';
import { keepServer, stopAtOnce } from './keep.ts';
import { readPasswords } from './passwords.ts';
import { makeSpare, openServer, openSpare } from './server.ts';
import { type ShardCounts, shardedNames } from './services.ts';

export interface Databases {
  readonly adminUrl: string;
  /** Of each service's own database, for its own role, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Prepares the data directory of the next run on temporary data. */
  makeSpare(): Promise<void>;
  stop(): Promise<void>;
}

export interface DatabasesOptions {
  readonly directory: string;
  /** The directory goes when the databases have been stopped. */
  readonly temporary: boolean;
  readonly replicas: number;
  readonly shards: ShardCounts;
  onDeath(restartIn_ms: number): void;
}

/** Starts PostgreSQL, with a database and a role per service; starts it again when it dies. */
export async function startDatabases(options: DatabasesOptions): Promise<Databases> {
  const { directory, temporary, replicas, shards, onDeath } = options;
  const passwords = readPasswords(passwordsPath(directory), shardedNames(shards));
  const settings = {
    directory: postgresDirectory(directory),
    // Ten connections of each replica to each database, and as many again for those that are being replaced.
    maxConnections: 100 + 20 * replicas * Object.keys(passwords).length,
    maxPreparedTransactions: 500,
  };
  const spare = temporary ? await openSpare(settings, passwords) : undefined;
  const { server, urls } = spare ?? (await openServer(settings, passwords));
  const over = new AbortController();
  const begin = () => startPostgres({ ...settings, port: server.port });
  const watching = keepServer(server, begin, over.signal, onDeath);
  return {
    adminUrl: server.adminUrl,
    urls,
    makeSpare: () => makeSpare(spareDirectory(directory), passwords),
    async stop() {
      over.abort();
      const last = await watching;
      if (temporary) await stopAtOnce(last.pid);
      await last.stop();
    },
  };
}
