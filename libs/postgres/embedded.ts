// A PostgreSQL server of one's own, for one machine: the platform's, or the tests'.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from '@assent/ports';
import pg from 'pg';
import { type Account, serverAccount } from './embedded/account.ts';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { failure, fileFailure } from './embedded/failure.ts';
import { findPostmaster, stopPostmaster } from './embedded/postmaster.ts';
import { runToEnd, startServer } from './embedded/server.ts';
import { watch } from './embedded/watchdog.ts';

export { createDatabaseAndRole } from './embedded/roles.ts';

export interface EmbeddedOptions {
  /**
   * Where the server keeps its files; made when it isn't there. As root, all directories above it must be open to
   * others (mode o+x), since PostgreSQL refuses to run as root and then runs as nobody.
   */
  readonly directory: string;
  /** A free one without it. */
  readonly port?: number;
  readonly maxConnections: number;
  readonly maxPreparedTransactions: number;
  /** False gives up safety against power loss for speed: for tests only. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  readonly port: number;
  /** Of the superuser, to the database postgres. */
  readonly adminUrl: string;
  readonly pid: number;
  /** Ends all sessions and the server. It also ends, a little later, when this process ends without having called this. */
  stop(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1, with the data that the directory has from before, or anew.
 * Fails with one line for people: port in use, no permission, disk full, a server is running there already.
 */
export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const data = join(directory, 'data');
  const account = serverAccount();
  await refuseRunning(data);
  const binaries = await prepare(directory, account);
  const isNew = !existsSync(data);
  if (isNew) await initialise(directory, binaries, account);
  const password = await readFile(join(directory, 'password'), 'utf8');
  const port = options.port ?? (await freePort());
  const server = await startServer({ program: binaries.postgres, data, port, account, settings: settings(options) });
  const watchdog = watch(data, account);
  server.once('exit', () => watchdog.kill());
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  if (isNew) await closeToOthers(adminUrl);
  // What initdb has written must be on the disk before commits can rely on it; nobody need wait for that, though.
  if (isNew && options.durable !== false)
    void runToEnd(binaries.initdb, ['-D', data, '--sync-only'], account).catch(() => {});
  return { port, adminUrl, pid: server.pid!, stop: () => stopPostmaster(data) };
}

/** Ends the server that runs on the directory, whoever started it. */
export async function stopStale(directory: string): Promise<void> {
  await stopPostmaster(join(resolve(directory), 'data'));
}

async function refuseRunning(data: string): Promise<void> {
  const running = findPostmaster(data);
  // One that is ending has lost its owner: nobody needs it any more.
  if (running?.stopping) await stopPostmaster(data);
  else if (running) throw new Error(`PostgreSQL can't start: it runs on ${data} already (process ${running.pid})`);
}

async function prepare(directory: string, account: Account | undefined): Promise<Binaries> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    return await findBinaries(account, join(directory, 'server'));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code ? fileFailure(error, directory) : error;
  }
}

/** Makes the data directory, which is there only once it is complete. */
async function initialise(directory: string, { initdb }: Binaries, account: Account | undefined): Promise<void> {
  const fresh = join(directory, 'data.new');
  const password = join(directory, 'password');
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    await rm(password, { force: true });
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (account) await Promise.all([fresh, password].map((path) => chown(path, account.uid, account.gid)));
  } catch (error) {
    throw fileFailure(error, directory);
  }
  const args = ['-D', fresh, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${password}`];
  const { code, output } = await runToEnd(initdb, [...args, '-E', 'UTF8', '--no-locale', '--no-sync'], account);
  if (code !== 0) throw failure(output, directory);
  await rename(fresh, join(directory, 'data'));
}

function settings({ maxConnections, maxPreparedTransactions, durable = true }: EmbeddedOptions) {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: maxConnections,
    max_prepared_transactions: maxPreparedTransactions,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Iterations slow down guessing, and these passwords are random: spare each connection its milliseconds.
    scram_iterations: 1,
    ...(!durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
}

/** Takes from all roles but superusers what they may do by default in the databases that a server is born with. */
async function closeToOthers(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  await client.query('revoke all on database postgres, template1 from public');
  await client.end();
}
