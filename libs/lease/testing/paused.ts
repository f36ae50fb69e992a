import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Sql } from '@assent/postgres';
import { eventually } from '@assent/testing';
import type { LeaseName } from '../kubernetes.ts';

const patience_ms = 60_000;

export interface Outcome {
  /** How many pieces were done by who wasn't the last to begin a reign. */
  readonly harm: number;
  /** What the paused one was told when it tried to go on. */
  readonly refusals: readonly string[];
  /** The exit codes of both after SIGTERM. */
  readonly ends: readonly unknown[];
}

/**
 * Two real processes with one Lease: the first leads, and is stopped by SIGSTOP until the second has taken over and works;
 * then it goes on. Both end by SIGTERM when the first has tried to do more.
 */
export async function pauseLeader(
  database: Sql & { readonly url: string },
  lease: LeaseName,
  { lease_s, fenced }: { readonly lease_s: number; readonly fenced: boolean },
): Promise<Outcome> {
  await database.query('CREATE TABLE IF NOT EXISTS done (by text, holder text); TRUNCATE done; TRUNCATE reigns');
  const replicas: ChildProcess[] = [];
  const refusals: string[] = [];
  const start = (name: string) => {
    const argv = [database.url, lease.namespace, lease.name, name, String(lease_s), String(fenced)];
    const options = {
      env: { ...process.env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'] as StdioOptions,
    };
    const child = fork(join(import.meta.dirname, 'leader.ts'), argv, options);
    replicas.push(child);
    return child;
  };
  const count = async (condition: string) => (await database.query(`SELECT FROM done WHERE ${condition}`)).rowCount;
  const until = (is: () => Promise<boolean>) =>
    eventually(async () => {
      if (!(await is())) throw new Error(`not within ${patience_ms} ms: ${is}`);
    }, patience_ms);
  try {
    const first = start('first');
    first.on('message', ({ message }: { message: string }) => refusals.push(message));
    await until(async () => (await count(`by = 'first'`)) > 0);
    start('second');
    first.kill('SIGSTOP');
    await until(async () => (await count(`by = 'second'`)) > 0);
    first.kill('SIGCONT');
    await until(async () =>
      fenced ? refusals.some((one) => one.startsWith('fenced')) : (await count('by <> holder')) > 0,
    );
    const ends = replicas.map((child) => once(child, 'exit').then(([code]) => code));
    for (const child of replicas) child.kill('SIGTERM');
    return { ends: await Promise.all(ends), harm: await count('by <> holder'), refusals };
  } finally {
    for (const child of replicas) if (child.exitCode === null) child.kill('SIGKILL');
  }
}
