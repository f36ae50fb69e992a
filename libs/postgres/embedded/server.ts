import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Account } from './account.ts';
import { failure } from './failure.ts';

const START_TIMEOUT_MS = 60_000;
const OUTPUT_LIMIT = 20_000;

export interface ServerOptions {
  readonly program: string;
  readonly data: string;
  readonly port: number;
  readonly account: Account | undefined;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** A process whose output is kept (the end of it) for error messages. */
export interface Running {
  readonly child: ChildProcess;
  output(): string;
}

/** Runs one of PostgreSQL's programs, in a session of its own: a Ctrl-C in the terminal must not reach it. */
export function run(program: string, args: readonly string[], account: Account | undefined): Running {
  const child = spawn(program, args, {
    ...(account && { uid: account.uid, gid: account.gid }),
    // Without TZ initdb compares all time zones there are with the machine's.
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-OUTPUT_LIMIT);
  });
  return { child, output: () => output };
}

/** Starts the server and waits until it takes connections. It does not keep our process alive. */
export function startServer({ program, data, port, account, settings }: ServerOptions): Promise<ChildProcess> {
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { child, output } = run(program, ['-D', data, '-p', `${port}`, ...args], account);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGQUIT'), START_TIMEOUT_MS);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      reject(failure(output(), data, port));
    });
    child.stderr?.on('data', () => {
      if (!output().includes('database system is ready to accept connections')) return;
      clearTimeout(timer);
      child.unref();
      (child.stderr as Socket).unref();
      resolve(child);
    });
  });
}

/** Runs a program to its end. */
export async function runToEnd(program: string, args: readonly string[], account: Account | undefined) {
  const { child, output } = run(program, args, account);
  const [code] = await once(child, 'close');
  return { code: code as number | null, output: output() };
}
