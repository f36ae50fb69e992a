import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '@assent/testing';
import { afterEach, expect, test } from '@jest/globals';
import { allowFailpoints, armed, format, parse, points, reach } from './index.ts';

type Message = {
  readonly type: string;
  readonly visit?: number;
  readonly reached?: string;
  readonly armed?: string;
  readonly code?: string;
};

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

function start(setting: string) {
  const messages: Message[] = [];
  const started = fork(join(import.meta.dirname, 'testing', 'main.ts'), [setting], { execArgv: [] });
  started.on('message', (message: Message) => messages.push(message));
  child = started;
  return { child: started, messages };
}

/** Of the process that was started last. */
async function see(messages: readonly Message[], expected: Message): Promise<void> {
  await eventually(() => expect(messages).toContainEqual(expected), 20_000);
}

const reached = { type: 'failpoint', reached: 'log.decision.before' };

test('off, nothing is armed and nothing happens', async () => {
  expect(armed).toBe(false);
  await reach(...points);
});

test('production has no failpoints', () => {
  expect(() => allowFailpoints('on', { production: true, log: { warn() {} } })).toThrow('NODE_ENV=production');
});

test('what is armed is written as it is read', () => {
  for (const point of points) {
    for (const text of [`${point}=crash`, `${point}=fail`, `${point}=stall@3`]) expect(format(parse(text))).toBe(text);
  }
  for (const text of ['', 'on', 'log.begin=crash', 'log.begin.before=burn', 'log.begin.before=fail@0']) {
    expect(() => parse(text)).toThrow('no failpoint');
  }
});

test('crash: the process says where it is and is gone', async () => {
  const { child, messages } = start('log.decision.before=crash@3');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await see(messages, reached);
  expect(messages).toEqual([{ type: 'visit', visit: 1 }, { type: 'visit', visit: 2 }, reached]);
});

test('stall: the process stands still until it is woken, and goes on', async () => {
  const { child, messages } = start('log.decision.before=stall');
  await see(messages, reached);
  child.send({ type: 'failpoint', arm: '' });
  await eventually(() => {
    // It may be about to stop only now.
    child.kill('SIGCONT');
    expect(messages).toContainEqual({ type: 'visit', visit: 1 });
  });
});

test('fail: once, when the supervisor has armed it', async () => {
  const { child, messages } = start('on');
  await see(messages, { type: 'visit', visit: 1 });
  child.send({ type: 'failpoint', arm: 'log.decision.before=fail' });
  await see(messages, { type: 'failpoint', armed: 'log.decision.before=fail' });
  await see(messages, reached);
  const failed = await eventually(() => {
    const found = messages.find(({ type }) => type === 'failed');
    expect(found?.code).toBe('ECONNRESET');
    return found!;
  });
  await see(messages, { type: 'visit', visit: failed.visit! + 1 });
});
