import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { runsDirectory, userId } from '../config.ts';
import { identify, isAlive } from './identity.ts';
import { unmountIn } from './mounts.ts';
import { passwordsPath, recordPath } from './paths.ts';
import { type Run, readRun, register, unregister, writeRun } from './registry.ts';

/** This process's own run. */
export interface OwnRun {
  readonly record: Run;
  update(change: Partial<Run>): void;
  /** Forgets the run, with its directory when that is temporary. */
  end(): void;
}

export type RunSettings = Pick<Run, 'http_port' | 'grpc_port' | 'replicas'>;

/** Begins a run in `data`, or in a temporary directory. It is registered before it makes anything, so nothing gets lost. */
export function beginRun(data: string | undefined, settings: RunSettings): OwnRun {
  const name = `assent-${process.pid}-${randomBytes(4).toString('hex')}`;
  const directory = data === undefined ? join(tmpdir(), name) : resolve(data);
  const supervisor = identify(process.pid);
  if (!supervisor) throw new Error('this system does not tell when a process was started');
  if (data !== undefined) checkDataDirectory(directory);
  const operatorToken = randomBytes(32).toString('base64url');
  const state = { directory, temporary: data === undefined, ready: false, databases: {}, processes: [], operatorToken };
  const link = join(runsDirectory, name);
  register(link, directory);
  return own(claim({ supervisor, ...settings, ...state }, link), link);
}

function own(first: Run, link: string): OwnRun {
  let record = first;
  return {
    get record() {
      return record;
    },
    update(change) {
      record = { ...record, ...change };
      writeRun(record);
    },
    end() {
      unmountIn(record.directory);
      rmSync(record.temporary ? record.directory : recordPath(record.directory), { recursive: true, force: true });
      unregister(link);
    },
  };
}

/** Takes the directory; of two that try at the same time one gets it. */
function claim(run: Run, link: string): Run {
  try {
    mkdirSync(run.directory, { recursive: true, mode: 0o700 });
    // Run by root, PostgreSQL works as a user of its own, which has to come through here to its own directory.
    if (userId === 0) chmodSync(run.directory, statSync(run.directory).mode | 0o111);
    writeFileSync(recordPath(run.directory), JSON.stringify(run), { flag: 'wx', mode: 0o600 });
    return run;
  } catch (error) {
    unregister(link);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(run.directory);
    throw error;
  }
}

/** A data directory is a new or empty one, or one that an earlier run has left. */
function checkDataDirectory(directory: string): void {
  const run = readRun(directory);
  if (run && isAlive(run.supervisor)) throw inUse(directory);
  const content = list(directory);
  // The first file of a data directory.
  if (content.length === 0 || content.includes(basename(passwordsPath(directory)))) return;
  throw new Error(`${directory} holds something else; name an empty directory or one that --data has made`);
}

function inUse(directory: string): Error {
  const pid = readRun(directory)?.supervisor.pid;
  return new Error(`${directory} is in use by a running platform${pid ? ` (process ${pid})` : ''}`);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
