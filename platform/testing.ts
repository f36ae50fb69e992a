// For tests: the command as people use it, in processes of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@assent/testing';
import { repository } from './config.ts';
import type { Event } from './start/events.ts';

/** For what starts a platform. */
export const timeout_ms = 180_000;

/** A directory in which commands run, and everything that they leave in the file system. */
export interface Scratch {
  readonly directory: string;
  /** The first of ten ports of this test process's own, below those of `freePort` and those that connections get. */
  readonly port: number;
  /** Runs the command with these arguments. */
  assent(...args: string[]): Command;
  /** Ends what is still running and removes the directory. */
  clear(): Promise<void>;
}

export interface Command {
  readonly child: ChildProcess;
  /** With --json: what it has said so far. */
  readonly events: readonly Event[];
  /** Waits for an event. */
  find<T extends Event['type']>(
    type: T,
    accept?: (event: Extract<Event, { type: T }>) => boolean,
  ): Promise<Extract<Event, { type: T }>>;
  readonly exit: Promise<{ code: number | null; stderr: string }>;
}

export function openScratch(name: string): Scratch {
  const directory = mkdtempSync(join(tmpdir(), `assent-${name}-`));
  // PostgreSQL, which doesn't run as root, has to come through.
  chmodSync(directory, 0o755);
  const children: ChildProcess[] = [];

  function assent(...args: string[]): Command {
    const child = spawn(process.execPath, [join(repository, 'platform/main.ts'), ...args], {
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const events: Event[] = [];
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    if (args.includes('--json')) {
      createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
    }
    return {
      child,
      events,
      exit: once(child, 'exit').then(([code]) => ({ code, stderr })),
      find<T extends Event['type']>(type: T, accept: (event: Extract<Event, { type: T }>) => boolean = () => true) {
        const isWanted = (event: Event): event is Extract<Event, { type: T }> =>
          event.type === type && accept(event as Extract<Event, { type: T }>);
        return eventually(() => {
          const found = events.find(isWanted);
          if (!found) throw new Error(`no ${type} yet; last: ${JSON.stringify(events.at(-1))} ${stderr}`);
          return found;
        }, timeout_ms);
      },
    };
  }

  return {
    directory,
    port: 10_000 + 10 * (process.pid % 1_000),
    assent,
    async clear() {
      for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
