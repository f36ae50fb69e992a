import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process. The time of its start tells it from another one that was given the same number later. */
export interface Identity {
  readonly pid: number;
  readonly started: string;
}

/** The process with that number; undefined when there is none (or only its exit status is left). */
export function identify(pid: number): Identity | undefined {
  try {
    const started = process.platform === 'linux' ? startOnLinux(pid) : ps(pid, 'lstart=');
    return started ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(identity: Identity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** Sends a signal to that process and no other; one that is gone is no error. */
export function signal(identity: Identity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The number of the process that started it, and its command line; undefined when it is gone. */
export function describe(pid: number): { parent: number; command: string } | undefined {
  try {
    if (process.platform === 'linux') {
      return { parent: Number(statusOnLinux(pid).parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') };
    }
    const [parent, ...command] = ps(pid, 'ppid=,args=').split(/\s+/);
    return { parent: Number(parent), command: command.join(' ') };
  } catch {
    return undefined;
  }
}

/** Clock ticks from boot to its start, with the name of that boot. */
function startOnLinux(pid: number): string | undefined {
  const { state, start } = statusOnLinux(pid);
  if (state === 'Z' || state === 'X') return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${start}`;
}

function statusOnLinux(pid: number): Record<'state' | 'parent' | 'start', string | undefined> {
  const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before it may hold anything, parentheses and spaces too.
  const [state, parent, ...rest] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return { state, parent, start: rest[17] };
}

function ps(pid: number, columns: string): string {
  return execFileSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8' }).trim();
}
