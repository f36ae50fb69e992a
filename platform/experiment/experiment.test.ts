// The command as people use it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { repository } from '../config.ts';
import { experiments } from './experiments.ts';

const directory = mkdtempSync(join(tmpdir(), 'experiment-'));
afterAll(() => rmSync(directory, { recursive: true }));

function assent(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = join(repository, 'platform/main.ts');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'experiment', ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('without a name they are listed, and one that there is not is an error', async () => {
  const { code, stdout } = await assent();
  expect(code).toBe(0);
  for (const { name } of experiments) expect(stdout).toContain(name);
  expect(await assent('nothing')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no experiment') });
});

// Whether its claims hold in so short a time on a busy machine is another matter.
test('a short run ends with a table, a picture, all numbers and a page, and an exit code that says what came of it', async () => {
  const { code, stdout, stderr } = await assent('dying-replica', '--duration', '3', '--rate', '40', '--out', directory);
  expect(stderr).toBe('');
  const read = (type: string) => readFileSync(join(directory, `dying-replica.${type}`), 'utf8');
  const { proved, claims, tables } = JSON.parse(read('json'));
  expect(code).toBe(proved ? 0 : 1);
  expect(claims).toHaveLength(4);
  // All groups have made all of their calls.
  expect(tables[0].rows.map((row: unknown[]) => row[1])).toEqual([40, 40, 40]);
  expect(stdout).toContain(tables[0].title);
  expect(read('svg')).toContain('</svg>');
  expect(read('md')).toContain('](dying-replica.svg)');
});
