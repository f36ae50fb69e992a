// The server process of a data directory, as its postmaster.pid tells of it.
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Postmaster {
  readonly pid: number;
  /** It has been told to end. */
  readonly stopping: boolean;
}

/** The server that runs on the data directory; a pid file that a killed one left behind is removed. */
export function findPostmaster(data: string): Postmaster | undefined {
  const file = join(data, 'postmaster.pid');
  const lines = readLines(file);
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (runsOn(pid, data)) return { pid, stopping: lines[7]?.trim() === 'stopping' };
  // PostgreSQL itself would take another process that has got this number since for a running server, and refuse.
  rmSync(file, { force: true });
  return undefined;
}

/** Ends the server of the data directory, if there is one: with all sessions ended in order, else as after a crash. */
export async function stopPostmaster(data: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const postmaster = findPostmaster(data);
    if (!postmaster) return;
    process.kill(postmaster.pid, signal);
    if (await gone(data, 10_000)) return;
  }
  throw new Error(`the PostgreSQL server on ${data} (process ${findPostmaster(data)?.pid}) does not stop`);
}

async function gone(data: string, timeout_ms: number): Promise<boolean> {
  for (const end = performance.now() + timeout_ms; performance.now() < end; await sleep(10)) {
    if (!findPostmaster(data)) return true;
  }
  return false;
}

function runsOn(pid: number, data: string): boolean {
  try {
    // A postmaster's working directory is its data directory.
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    return execFileSync('/bin/ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).includes(data);
  } catch {
    return false;
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
