// A PostgreSQL directory with the services' databases takes a second to make. So each run on temporary data makes one for
// the next, when it has nothing better to do, and leaves it in the cache.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, repository } from '../config.ts';

const prefix = 'postgres-';

/** Makes the spare one, if there is one, the directory, if there is none. Whoever comes first has it. */
export async function takeSpare(directory: string): Promise<boolean> {
  const spare = sparePath();
  return existsSync(spare) && !existsSync(directory) && move(spare, directory);
}

/** Keeps a directory, on which no server runs, for the next run. Where that can't be done, nothing comes of it. */
export async function keepSpare(directory: string): Promise<void> {
  const spare = sparePath();
  if (existsSync(spare)) return;
  mkdirSync(cacheDirectory, { recursive: true });
  const outdated = readdirSync(cacheDirectory).filter((name) => name.startsWith(prefix));
  for (const name of outdated) rmSync(join(cacheDirectory, name), { recursive: true, force: true });
  await move(directory, spare);
}

/** Made with these versions of everything; others make their own. */
function sparePath(): string {
  const lockfile = readFileSync(join(repository, 'pnpm-lock.yaml'));
  return join(cacheDirectory, prefix + createHash('sha256').update(lockfile).digest('hex').slice(0, 16));
}

/** By `mv`, which also goes from one file system to another, with owners and modes: as root, the server is another user. */
async function move(from: string, to: string): Promise<boolean> {
  try {
    await promisify(execFile)('mv', [from, to]);
    return true;
  } catch {
    rmSync(to, { recursive: true, force: true });
    return false;
  }
}
