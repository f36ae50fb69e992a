import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { type Recorded, readHistory } from './read.ts';
import { openHistory } from './write.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-history-'));
const path = join(directory, 'history');
afterAll(() => rmSync(directory, { recursive: true }));

async function read(): Promise<{ read: Recorded[]; fault?: string; scope: string; operations: number }> {
  const all: Recorded[] = [];
  const summary = await readHistory(path, async (one) => void all.push(one));
  return { read: all, ...summary };
}

const look = (sku: string) => ({ op: 'getProduct', sku }) as const;
const seen = { available: 1, reserved: 0, sold: 0 };

/** Three operations: one answered late, one refused, one not answered at all. */
function record(): string[] {
  const history = openHistory(path, 'scope');
  const complete = history.invoke(1, look('a'));
  history.invoke(2, look('b'))({ type: 'fail', error: '404' });
  history.invoke(3, look('c'));
  complete({ type: 'ok', output: seen });
  history.close();
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

test('what was written is read: each operation with what came of it, and where', async () => {
  const lines = record();
  expect(lines.length).toBe(7);
  const { read: operations, ...summary } = await read();
  expect(summary).toEqual({ scope: 'scope', operations: 3 });
  expect(operations).toMatchObject([
    {
      operation: look('b'),
      outcome: { type: 'fail', error: '404' },
      completed_ms: undefined,
      invokeLine: 3,
      completeLine: 4,
    },
    { operation: look('a'), outcome: { type: 'ok', output: seen }, invokeLine: 2, completeLine: 6 },
    {
      operation: look('c'),
      outcome: { type: 'unknown' },
      completed_ms: undefined,
      invokeLine: 5,
      completeLine: undefined,
    },
  ]);
  const times = operations.map(({ invoked_ms }) => invoked_ms);
  expect([times[1], times[0], times[2]]).toEqual(times.toSorted((a, b) => a - b));
});

test.each<[string, (lines: string[]) => string]>([
  ['its end', (lines) => lines.slice(0, -1).join('\n')],
  ['its beginning', (lines) => lines.slice(1).join('\n')],
  ['half a line', (lines) => lines.join('\n').slice(0, -5)],
  ['an invocation', (lines) => lines.toSpliced(2, 1).join('\n')],
  ['the last invocation', (lines) => lines.toSpliced(4, 1).join('\n')],
  ['everything', () => ''],
])('a history is of no use without %s', async (_, cut) => {
  writeFileSync(path, cut(record()));
  const { fault } = await read();
  expect(fault).toMatch(/^.*history:\d+ .*(truncated|missing|operations)/);
});

test('what is no history is not read as one', async () => {
  for (const text of ['null', '5', '{}', '{"type":"invoke"}', 'orders\n']) {
    writeFileSync(path, text);
    expect((await read()).fault).toBeDefined();
  }
  await expect(readHistory(join(directory, 'none'), async () => {})).rejects.toMatchObject({ code: 'ENOENT' });
});

test('nor is one of another version', async () => {
  writeFileSync(path, record().join('\n').replace('"version":1', '"version":2'));
  expect((await read()).fault).toContain('version 2');
});

test('many operations are read as they come', async () => {
  const history = openHistory(path, 'scope');
  for (let index = 0; index < 5000; index++) history.invoke(index, look('a'))({ type: 'ok', output: seen });
  history.close();
  expect((await read()).read.length).toBe(5000);
});
