// The runs of the platform on this machine. A run keeps what it has started in its own directory, in run.json; a link in
// the directory of runs leads there. So a run can be found by the other commands while it lives, and be cleared by the
// next one when it was killed.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runsDirectory, userId } from '../config.ts';
import { type Identity, isAlive } from './identity.ts';
import { recordPath } from './paths.ts';

/** What one `start` has running. */
export interface Run {
  readonly supervisor: Identity;
  /** Everything that it writes is in here. */
  readonly directory: string;
  /** The directory goes when the run ends. */
  readonly temporary: boolean;
  readonly http_port: number;
  readonly grpc_port: number;
  readonly replicas: number;
  /** With which the gateway lets operators' calls through. */
  readonly operatorToken: string;
  readonly ready: boolean;
  readonly adminUrl?: string;
  /** The URL of each service's database, by the database's name. */
  readonly databases: Readonly<Record<string, string>>;
  readonly processes: readonly RunProcess[];
}

export interface RunProcess {
  readonly name: string;
  readonly identity: Identity;
}

export function readRun(directory: string): Run | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(directory), 'utf8')) as Run;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Replaces the record; a reader sees the old one or the new one. It holds passwords and a token. */
export function writeRun(run: Run): void {
  const path = recordPath(run.directory);
  writeFileSync(`${path}.new`, JSON.stringify(run, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The links of all runs, living or dead, and the directories that they lead to. */
export function registeredLinks(): { link: string; directory: string }[] {
  return existingLinks().flatMap((name) => {
    const link = join(runsDirectory, name);
    try {
      return [{ link, directory: readlinkSync(link) }];
    } catch (error) {
      // It has just ended, or is no link.
      if (hasCode(error, 'ENOENT', 'EINVAL')) return [];
      throw error;
    }
  });
}

export function livingRuns(): Run[] {
  const directories = new Set(registeredLinks().map(({ directory }) => directory));
  return [...directories].flatMap((directory) => {
    const run = readRun(directory);
    return run && isAlive(run.supervisor) ? [run] : [];
  });
}

export function register(link: string, directory: string): void {
  for (let attempt = 1; ; attempt++) {
    openRunsDirectory();
    try {
      symlinkSync(directory, link);
      return;
    } catch (error) {
      // Another run has just taken the directory of runs with it.
      if (!hasCode(error, 'ENOENT') || attempt === 10) throw error;
    }
  }
}

/** The last one takes the directory of runs with it. */
export function unregister(link: string): void {
  rmSync(link, { force: true });
  try {
    rmdirSync(runsDirectory);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

function existingLinks(): string[] {
  try {
    checkRunsDirectory();
    return readdirSync(runsDirectory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Makes the directory of runs; refuses one that another user has put in its place. */
function openRunsDirectory(): void {
  mkdirSync(runsDirectory, { recursive: true, mode: 0o700 });
  checkRunsDirectory();
}

function checkRunsDirectory(): void {
  const status = lstatSync(runsDirectory);
  if (status.isDirectory() && status.uid === userId && (status.mode & 0o077) === 0) return;
  throw new Error(`${runsDirectory} is not a directory that only you can write to; remove it`);
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
