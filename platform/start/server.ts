import { rmSync } from 'node:fs';
import {
  createDatabaseAndRole,
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startPostgres,
} from '@assent/postgres/embedded';
import type { Passwords } from './passwords.ts';
import { keepSpare, takeSpare } from './spare.ts';

/** A server with the services' databases, and their URLs by name. */
export interface Opened {
  readonly server: EmbeddedPostgres;
  readonly urls: Readonly<Record<string, string>>;
}

export async function openServer(settings: EmbeddedOptions, passwords: Passwords): Promise<Opened> {
  const server = await startPostgres(settings);
  try {
    return { server, urls: await createDatabases(server.adminUrl, passwords) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A server on the directory that an earlier run has made, if there is one that works. */
export async function openSpare(settings: EmbeddedOptions, passwords: Passwords): Promise<Opened | undefined> {
  if (!(await takeSpare(settings.directory))) return undefined;
  try {
    return await openServer(settings, passwords);
  } catch {
    rmSync(settings.directory, { recursive: true, force: true });
    return undefined;
  }
}

/** Makes such a directory for a later run. */
export async function makeSpare(directory: string, passwords: Passwords): Promise<void> {
  const { server } = await openServer({ directory, maxConnections: 20, maxPreparedTransactions: 0 }, passwords);
  await server.stop();
  await keepSpare(directory);
}

async function createDatabases(adminUrl: string, passwords: Passwords): Promise<Record<string, string>> {
  const urls = await Promise.all(
    Object.entries(passwords).map(async ([name, password]) => {
      return [name, await createDatabaseAndRole(adminUrl, { database: name, role: name, password })] as const;
    }),
  );
  return Object.fromEntries(urls);
}
