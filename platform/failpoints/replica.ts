// One process of the matrix. It may kill itself or stand still at any time, and is mended on demand.
import { type ChildProcess, fork } from 'node:child_process';
import type { FailpointMessage, Point } from '@assent/failpoints';
import { until } from './until.ts';

export interface ReplicaOptions {
  readonly name: string;
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Its port, or none when it is gone. */
  onPort(port: number | undefined): void;
}

export interface Replica {
  readonly name: string;
  /** While it serves. */
  port(): number | undefined;
  /** Arms a failpoint, or with '' disarms it. What is not there, or stands still, has nothing armed. */
  arm(text: string): Promise<void>;
  /** The point that it has reached since it was armed. */
  reached(): Point | undefined;
  kill(): void;
  /** Tells it to stop. */
  stop(): void;
  /** Lets it go on, if it stands still. */
  wake(): void;
  /** Wakes it, or starts it when it is gone; with a failpoint armed from the beginning, doesn't wait until it serves. */
  mend(armed?: string): Promise<void>;
  /** Whether it has no process. */
  isGone(): boolean;
  /** The last of what it wrote. */
  output(): string;
}

type Message = FailpointMessage | { readonly type: 'serving'; readonly port: number };

const start_ms = 120_000;
const answer_ms = 120_000;
const outputSize = 20_000;

export function createReplica({ name, file, environment, onPort }: ReplicaOptions): Replica {
  let child: ChildProcess | undefined;
  let port: number | undefined;
  let reached: Point | undefined;
  let asleep = false;
  let output = '';

  function begin(failpoints: string): ChildProcess {
    const started = fork(file, {
      env: { ...environment, PORT: '0', FAILPOINTS: failpoints },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputSize);
      });
    }
    started.on('message', (message: Message) => {
      if (message.type === 'serving') setPort(message.port);
      else if ('reached' in message) reached = message.reached;
    });
    // A message to what has just died is lost; that it died is known anyway.
    started.on('error', () => {});
    started.once('exit', () => {
      if (child !== started) return;
      child = undefined;
      setPort(undefined);
    });
    child = started;
    return started;
  }

  function setPort(next: number | undefined): void {
    port = next;
    onPort(next);
  }

  /** Whether it answers; while it doesn't, it is woken again: it may be about to fall asleep only now. */
  async function tell(to: ChildProcess, arm: string): Promise<boolean> {
    let answered = false;
    const listen = (message: Message) => {
      answered ||= message.type === 'failpoint' && 'armed' in message && message.armed === arm;
    };
    to.on('message', listen);
    if (to.connected) to.send({ type: 'failpoint', arm } satisfies FailpointMessage, () => {});
    await until(answer_ms, () => {
      if (asleep) to.kill('SIGCONT');
      return answered || child !== to || (!asleep && reached !== undefined);
    });
    to.off('message', listen);
    return answered;
  }

  return {
    name,
    port: () => port,
    reached: () => reached,
    isGone: () => child === undefined,
    output: () => output,
    async arm(text) {
      reached = undefined;
      if (child) await tell(child, text);
    },
    kill: () => void child?.kill('SIGKILL'),
    stop: () => void child?.kill('SIGTERM'),
    wake: () => void child?.kill('SIGCONT'),
    async mend(armed) {
      asleep = true;
      if (child && !(await tell(child, '')) && child) throw new Error(`${name} doesn't answer`);
      asleep = false;
      if (child) return;
      reached = undefined;
      const started = begin(armed ?? 'on');
      if (armed !== undefined) return;
      await until(start_ms, () => port !== undefined || child !== started);
      if (port === undefined) throw new Error(`${name} doesn't serve`);
    },
  };
}
