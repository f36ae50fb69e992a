import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { describe, identify, isAlive, signal } from './identity.ts';

test('a process is known by its number and the time of its start', async () => {
  const child = spawn('sleep', ['100']);
  await once(child, 'spawn');
  const identity = identify(child.pid as number);
  expect(identity).toEqual(identify(child.pid as number));
  expect(describe(child.pid as number)).toMatchObject({ parent: process.pid });
  if (!identity) throw new Error('not found');

  // One that was given the same number later is left alone.
  signal({ ...identity, started: 'another time' }, 'SIGKILL');
  expect(isAlive(identity)).toBe(true);

  signal(identity, 'SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  signal(identity, 'SIGKILL');
});

test('there is no process with a number that none has', () => {
  expect(identify(2 ** 22 + 1)).toBeUndefined();
  expect(describe(2 ** 22 + 1)).toBeUndefined();
});
