import { fork } from 'node:child_process';
import { once } from 'node:events';
import { inheritedEnvironment } from '../../config.ts';
import type { Answer, Functions, Question } from './answer.ts';

/** A process whose functions can be called. */
export interface Child<F extends Functions> {
  readonly pid: number;
  /** Fails when the function does, when the process ends, or after the time that it may take. */
  call<N extends keyof F & string>(name: N, ...rest: CallArguments<F[N]>): Promise<Awaited<ReturnType<F[N]>>>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

type CallArguments<F extends Functions[string]> =
  Parameters<F> extends [] ? [input?: undefined, timeout_ms?: number] : [input: Parameters<F>[0], timeout_ms?: number];

const usualTimeout_ms = 20_000;
/** Of what it prints, to explain its end. */
const wordsKept = 2000;

/** Starts a program that calls `answerParent` with functions of type F. It leads a process group: Ctrl-C doesn't reach it. */
export function startChild<F extends Functions>(file: string): Child<F> {
  const child = fork(file, {
    env: inheritedEnvironment(),
    execArgv: [],
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-wordsKept);
    });
  }
  const waiting = new Map<number, (answer: Answer) => void>();
  const ended = once(child, 'exit').then(() => {
    for (const [id, settle] of waiting) settle({ id, error: `the process has ended ${words}` });
  });
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  let asked = 0;

  async function ask(name: string, input?: unknown, timeout_ms: number = usualTimeout_ms): Promise<unknown> {
    const id = ++asked;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const late = setTimeout(() => resolve({ id, error: 'it takes too long' }), timeout_ms);
    waiting.set(id, resolve);
    child.send({ id, name, input } satisfies Question, (error) => {
      if (error) resolve({ id, error: `the process is gone ${words}` });
    });
    const answer = await promise;
    clearTimeout(late);
    waiting.delete(id);
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`);
    return answer.output;
  }

  return {
    pid: child.pid ?? 0,
    call: ask as Child<F>['call'],
    signal: (name) => void child.kill(name),
    ended,
  };
}
