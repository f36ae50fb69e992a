import { rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopStale } from '@assent/postgres/embedded';
import { identify, isAlive, signal } from './identity.ts';
import { unmountIn } from './mounts.ts';
import { postgresDirectory, recordPath, spareDirectory } from './paths.ts';
import { type Run, readRun, registeredLinks, unregister } from './registry.ts';

/** What was cleared of a run that had been killed. */
export interface Cleared {
  readonly supervisor_pid: number;
  readonly processes: number;
  readonly directory: string;
}

/** Ends the processes that killed runs have left, and removes their files; the run that was in `data` included. */
export async function clearDeadRuns(data: string | undefined): Promise<Cleared[]> {
  const cleared: Cleared[] = [];
  for (const { link, directory } of registeredLinks()) {
    const run = readRun(directory);
    if (run ? isAlive(run.supervisor) : isStarting(link)) continue;
    if (run) cleared.push(await clear(run));
    else if (basename(link) === basename(directory)) rmSync(directory, { recursive: true, force: true });
    unregister(link);
  }
  // It was registered elsewhere, such as under another TMPDIR.
  const run = data === undefined ? undefined : readRun(resolve(data));
  if (run && !isAlive(run.supervisor)) cleared.push(await clear(run));
  return cleared;
}

/** Has linked its directory and not written its record yet. */
function isStarting(link: string): boolean {
  return identify(Number(basename(link).split('-')[1])) !== undefined;
}

async function clear(run: Run): Promise<Cleared> {
  const left = run.processes.map(({ identity }) => identity).filter(isAlive);
  for (const identity of left) signal(identity, 'SIGKILL');
  for (let wait = 0; wait < 100 && left.some(isAlive); wait++) await sleep(50);
  await stopStale(postgresDirectory(run.directory));
  await stopStale(spareDirectory(run.directory));
  unmountIn(run.directory);
  rmSync(run.temporary ? run.directory : recordPath(run.directory), { recursive: true, force: true });
  return { supervisor_pid: run.supervisor.pid, processes: left.length, directory: run.directory };
}
