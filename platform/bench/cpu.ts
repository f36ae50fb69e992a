// Where the time goes: the processor time of every process that has to do with a checkout. On Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRun } from '../run/find.ts';
import { postgresDirectory } from '../run/paths.ts';

/** Processor time so far, in milliseconds, by service (all replicas together), `postgres` and `clients`. */
export type CpuTimes = ReadonlyMap<string, number>;

/** Of the platform on a port, and of this process, in which the clients are; undefined where it can't be had. */
export function cpuTimes(port: number): CpuTimes | undefined {
  if (process.platform !== 'linux') return undefined;
  const { processes, directory } = findRun(port);
  const times = new Map<string, number>([['clients', own_ms()]]);
  const add = (name: string, pid: number) => times.set(name, (times.get(name) ?? 0) + (statOf(pid)?.cpu_ms ?? 0));
  for (const { name, identity } of processes) add(name.replace(/-\d+$/, ''), identity.pid);
  times.set('postgres', serverTime_ms(postmasterOf(directory)));
  return times;
}

/** What was spent between two readings on each of so many checkouts. */
export function cpuPerCheckout(
  before: CpuTimes | undefined,
  after: CpuTimes | undefined,
  checkouts: number,
): Readonly<Record<string, number>> | undefined {
  if (!before || !after || checkouts === 0) return undefined;
  return Object.fromEntries([...after].map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / checkouts]));
}

/** Of all processes that a PostgreSQL server has had so far. */
export function serverTime_ms(postmaster: number): number {
  const living = childrenOf(postmaster).map((pid) => statOf(pid)?.cpu_ms ?? 0);
  return living.reduce((sum, cpu_ms) => sum + cpu_ms, statOf(postmaster)?.ended_ms ?? 0);
}

function own_ms(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function postmasterOf(directory: string): number {
  return Number(readFileSync(join(postgresDirectory(directory), 'data/postmaster.pid'), 'utf8').split('\n')[0]);
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return pid > 0 && statOf(pid)?.parent === parent ? [pid] : [];
  });
}

/** From proc(5); the kernel counts in hundredths of a second. */
function statOf(pid: number): { parent: number; cpu_ms: number; ended_ms: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const time_ms = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * 10;
    return { parent: Number(fields[1]), cpu_ms: time_ms(11), ended_ms: time_ms(13) };
  } catch {
    return undefined;
  }
}
