import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDatabaseAndRole,
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startPostgres,
} from '@assent/postgres/embedded';
import { type Identity, identify, isAlive, signal } from '../run/identity.ts';
import { passwordsPath, postgresDirectory, spareDirectory } from '../run/registry.ts';
import { restartDelay_ms, settled_ms } from './backoff.ts';
import { databaseNames } from './services.ts';
import { keepSpare, takeSpare } from './spare.ts';

/** Between two looks whether the server lives. */
const period_ms = 500;

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
  onDeath(restartIn_ms: number): void;
}

/** Starts PostgreSQL, with a database and a role per service; starts it again when it dies. */
export async function startDatabases(options: DatabasesOptions): Promise<Databases> {
  const { directory, temporary, replicas, onDeath } = options;
  const passwords = readPasswords(passwordsPath(directory));
  const settings = {
    directory: postgresDirectory(directory),
    // Four services with replicas of ten connections each, and as many again for those that are being replaced.
    maxConnections: 100 + 80 * replicas,
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

type Passwords = Readonly<Record<string, string>>;

/** A server on the directory that an earlier run has made, if there is one that works. */
async function openSpare(settings: EmbeddedOptions, passwords: Passwords): Promise<Opened | undefined> {
  if (!(await takeSpare(settings.directory))) return undefined;
  try {
    return await openServer(settings, passwords);
  } catch {
    rmSync(settings.directory, { recursive: true, force: true });
    return undefined;
  }
}

async function makeSpare(directory: string, passwords: Passwords): Promise<void> {
  const { server } = await openServer({ directory, maxConnections: 20, maxPreparedTransactions: 0 }, passwords);
  await server.stop();
  await keepSpare(directory);
}

interface Opened {
  readonly server: EmbeddedPostgres;
  readonly urls: Readonly<Record<string, string>>;
}

async function openServer(settings: EmbeddedOptions, passwords: Passwords): Promise<Opened> {
  const server = await startPostgres(settings);
  try {
    return { server, urls: await createDatabases(server.adminUrl, passwords) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What goes away with its directory needs no checkpoint. */
async function stopAtOnce(pid: number): Promise<void> {
  const identity = identify(pid);
  if (!identity) return;
  signal(identity, 'SIGQUIT');
  for (let wait = 0; wait < 500 && isAlive(identity); wait++) await sleep(10);
}

/** The URL of each, by name. */
async function createDatabases(adminUrl: string, passwords: Passwords): Promise<Record<string, string>> {
  const urls = await Promise.all(
    databaseNames.map(async (name) => {
      const password = passwords[name] ?? '';
      return [name, await createDatabaseAndRole(adminUrl, { database: name, role: name, password })] as const;
    }),
  );
  return Object.fromEntries(urls);
}

/** Looks whether the server lives, and starts it again when it doesn't. When it is over: the server that there is. */
async function keepServer(
  first: EmbeddedPostgres,
  begin: () => Promise<EmbeddedPostgres>,
  over: AbortSignal,
  onDeath: DatabasesOptions['onDeath'],
): Promise<EmbeddedPostgres> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => {});
  let server = first;
  let identity: Identity | undefined = identify(first.pid);
  let begun_ms = performance.now();
  for (let deaths = 0; !over.aborted; await pause(period_ms)) {
    if (identity && isAlive(identity)) continue;
    deaths = performance.now() - begun_ms > settled_ms ? 1 : deaths + 1;
    const restartIn_ms = restartDelay_ms(deaths, Math.random());
    onDeath(restartIn_ms);
    await pause(restartIn_ms);
    if (over.aborted) break;
    begun_ms = performance.now();
    server = await begin().catch(() => server);
    identity = identify(server.pid);
  }
  return server;
}

/** One for each role, made when the data directory is. */
function readPasswords(path: string): Passwords {
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
