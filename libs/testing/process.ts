import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessOptions {
  /** The program, such as a service's main.ts. */
  readonly file: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** How long it may take until it serves; a minute. */
  readonly timeout_ms?: number;
}

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Where it serves, once it does. */
  readonly port: number;
  /** All that it has written so far. */
  output(): string;
  /** Sends the signal, SIGTERM without one, and waits for the end; the exit code, null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a service and waits until it serves; fails with its output when it ends instead. */
export async function startProcess({
  file,
  environment,
  timeout_ms = 60_000,
}: ProcessOptions): Promise<ServiceProcess> {
  const child = fork(file, {
    env: { ...process.env, PORT: '0', ...environment },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  // Not the event 'close' of the process, which doesn't come when its channel was disconnected.
  const closed = Promise.all(
    [child, child.stdout!, child.stderr!].map((part) => once(part, part === child ? 'exit' : 'close')),
  );
  const port = await servingPort(child, timeout_ms);
  if (port === undefined) {
    child.kill('SIGKILL');
    await closed;
    throw new Error(`${file} does not serve:\n${output}`);
  }
  return {
    child,
    port,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}

/** What the process tells its supervisor when it serves; undefined when it ends or takes too long. */
function servingPort(child: ChildProcess, timeout_ms: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeout_ms, undefined);
    const settle = (port?: number) => {
      clearTimeout(timer);
      resolve(port);
    };
    child.once('exit', () => settle());
    child.on('message', (message: { type?: string; port?: number }) => {
      if (message.type === 'serving') settle(message.port);
    });
  });
}
