import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { LogEntry } from './events.ts';
import { followOutput } from './logs.ts';
import { describe } from './screen.ts';

async function follow(printed: string) {
  const lines: string[] = [];
  const entries: LogEntry[] = [];
  const child = spawn('sh', ['-c', 'printf "%s" "$1"', 'sh', printed], { stdio: ['ignore', 'pipe', 'pipe'] });
  followOutput(
    child,
    (line) => void lines.push(line),
    'warn',
    (entry) => void entries.push(entry),
  );
  await once(child, 'close');
  return { lines, entries };
}

const entry = (level: string, msg: string, more: object = {}) =>
  JSON.stringify({ level, time: '2026-11-23T12:00:00.000Z', service: 'order', pid: 1, ...more, msg });

test('all lines are logged, and entries from the level up are handed on', async () => {
  const { lines, entries } = await follow([entry('info', 'a'), entry('warn', 'b'), entry('error', 'c')].join('\n'));
  expect(lines.length).toBe(3);
  expect(entries.map(({ msg }) => msg)).toEqual(['b', 'c']);
});

test('what is no JSON is an error', async () => {
  const { entries } = await follow('Segmentation fault\n{"level":"warn" broken\n');
  expect(entries.map(({ level, msg }) => [level, msg])).toEqual([
    ['error', 'Segmentation fault'],
    ['error', '{"level":"warn" broken'],
  ]);
});

test('an entry is one readable line', async () => {
  const { entries } = await follow(
    entry('error', 'it failed', { err: { message: 'no database', stack: 'x' }, attempt: 2 }),
  );
  const line = describe({ type: 'log', replica: 'order-1', entry: entries[0] as LogEntry }, false);
  expect(line).toBe('12:00:00.000 ERROR order-1  it failed: no database attempt=2');
});
