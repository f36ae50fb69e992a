// The PostgreSQL server of one test run.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres, stopStale } from '@assent/postgres/embedded';
import { createTester } from './tester.ts';

const PREFIX = 'assent-test-';

let server: EmbeddedPostgres | undefined;
let directory = '';

/** Starts the server before the first test; its address is in ASSENT_TEST_POSTGRES. */
export async function startServer(): Promise<void> {
  await removeLeftovers();
  directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root, PostgreSQL runs as another account, which must get through.
  chmodSync(directory, 0o711);
  server = await startPostgres({ directory, maxConnections: 200, maxPreparedTransactions: 100, durable: false });
  await createTester(server.adminUrl);
  process.env.ASSENT_TEST_POSTGRES = server.adminUrl;
  // Services that tests start are up a third sooner.
  process.env.NODE_COMPILE_CACHE = join(directory, 'compiled');
}

/** Stops it after the last test. */
export async function stopServer(): Promise<void> {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Ends and removes what runs have left behind that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    if (isAlive(Number.parseInt(name.slice(PREFIX.length), 10))) continue;
    const leftover = join(tmpdir(), name);
    await stopStale(leftover);
    rmSync(leftover, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
