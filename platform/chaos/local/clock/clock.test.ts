import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from '@jest/globals';
import { createClocks } from './clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-clock-'));
afterAll(() => rmSync(directory, { recursive: true }));

const program = `
  process.stdin.on('data', () => {
    const all = [Date.now(), new Date().getTime(), Date.parse(Date()), performance.timeOrigin + performance.now()];
    const isSound = new Date() instanceof Date && new Date(5).getTime() === 5 && Date.UTC(1970, 0) === 0;
    console.log(JSON.stringify({ all, isSound }));
  });
  console.log('null');`;

test('the clock of a process jumps when it is told to, and is wrong from the start in its successor', async () => {
  const clocks = createClocks(directory);
  const start = () => {
    const child = spawn(process.execPath, ['--import', clocks.preload('order-1'), '-e', program]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async () => {
      child.stdin.write('?');
      return JSON.parse((await lines.next()).value ?? '') as { all: number[]; isSound: boolean };
    };
    return { child, lines, ask };
  };
  const isWrongBy = async (ask: ReturnType<typeof start>['ask'], skew_ms: number) => {
    const { all, isSound } = await ask();
    // Date() gives whole seconds; and a busy machine takes its time.
    return isSound && all.every((time_ms) => Math.abs(time_ms - skew_ms - Date.now()) < 10_000);
  };
  const first = start();
  await first.lines.next();
  expect(await isWrongBy(first.ask, 0)).toBe(true);
  clocks.set('order-1', 60_000);
  while (!(await isWrongBy(first.ask, 60_000)));
  clocks.set('order-2', -60_000);
  clocks.set('order-1', -60_000);
  while (!(await isWrongBy(first.ask, -60_000)));
  const second = start();
  await second.lines.next();
  expect(await isWrongBy(second.ask, -60_000)).toBe(true);
  clocks.set('order-1', 0);
  while (!(await isWrongBy(first.ask, 0)) || !(await isWrongBy(second.ask, 0)));
  for (const { child } of [first, second]) {
    child.kill();
    await once(child, 'exit');
  }
});
