import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabaseAndRole, type EmbeddedPostgres, startPostgres } from '@assent/postgres/embedded';

import { type Identity, identify, isAlive } from '../run/identity.ts';
import { passwordsPath, postgresDirectory } from '../run/registry.ts';
import { restartDelay_ms } from './backoff.ts';
import { databaseNames } from './services.ts';

/** Between two looks whether the server lives. */
const period_ms = 500;

export interface Databases {
  readonly adminUrl: string;
  /** Of each service's own database, for its own role, by name. */
  readonly urls: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface DatabasesOptions {
  readonly directory: string;
  readonly replicas: number;
  onDeath(restartIn_ms: number): void;
}

/** Starts PostgreSQL, with a database and a role per service; starts it again when it dies. */
export async function startDatabases({ directory, replicas, onDeath }: DatabasesOptions): Promise<Databases> {
  const settings = {
    directory: postgresDirectory(directory),
    // Four services with replicas of ten connections each, and as many again for those that are being replaced.
    maxConnections: 100 + 80 * replicas,
    maxPreparedTransactions: 500,
  };
  const passwords = readPasswords(passwordsPath(directory));
  let server = await startPostgres(settings);
  const { adminUrl, port } = server;
  const urls = await Promise.all(
    databaseNames.map(async (name) => {
      const password = passwords[name] ?? '';
      return [name, await createDatabaseAndRole(adminUrl, { database: name, role: name, password })] as const;
    }),
  );
  const over = new AbortController();
  const begin = async () => {
    server = await startPostgres({ ...settings, port });
    return server;
  };
  const watching = keepServer(server, begin, over.signal, onDeath);
  return {
    adminUrl,
    urls: Object.fromEntries(urls),
    async stop() {
      over.abort();
      await watching;
      await server.stop();
    },
  };
}

/** Looks whether the server lives, and starts it again when it doesn't. Ends when it is over. */
async function keepServer(
  first: EmbeddedPostgres,
  begin: () => Promise<EmbeddedPostgres>,
  over: AbortSignal,
  onDeath: DatabasesOptions['onDeath'],
): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => {});
  let server: Identity | undefined = identify(first.pid);
  for (let deaths = 0; !over.aborted; await pause(period_ms)) {
    if (server && isAlive(server)) continue;
    deaths += 1;
    const restartIn_ms = restartDelay_ms(deaths, Math.random());
    onDeath(restartIn_ms);
    await pause(restartIn_ms);
    if (!over.aborted)
      server = await begin().then(
        ({ pid }) => identify(pid),
        () => undefined,
      );
  }
}

/** One for each role, made when the data directory is. */
function readPasswords(path: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const passwords = Object.fromEntries(databaseNames.map((name) => [name, randomBytes(18).toString('base64url')]));
  writeFileSync(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return passwords;
}
