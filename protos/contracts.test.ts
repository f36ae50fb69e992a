// The contracts are well made, the generated types are fresh, and nothing breaks who speaks the contracts of before.
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fileDescriptors } from './descriptors.ts';
import { generate } from './generate.ts';

const here = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'assent-protos-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('the linter has nothing to say', () => {
  expect(buf('lint')).toBe('');
});

test('the formatter has nothing to change', () => {
  expect(buf('format', '--diff')).toBe('');
});

test('the generated types are what the contracts give (`pnpm protos` writes them)', () => {
  const fresh = join(scratch, 'generated');
  generate(fresh);
  expect(read(join(here, 'generated'))).toEqual(read(fresh));
});

test('the descriptors for reflection have names as in the contracts, and types in full', () => {
  const text = Buffer.concat(fileDescriptors()).toString('latin1');
  for (const name of [
    'account_id',
    'idempotency_key',
    '.assent.type.v1.Rejection',
    '.grpc.health.v1.HealthCheckResponse',
  ]) {
    expect(text).toContain(name);
  }
});

const base = findBase();
(base ? test : test.skip)(
  base ? `nothing breaks the contracts of ${base}` : 'there is no earlier commit here to break the contracts of',
  () => {
    const archive = join(scratch, 'base.tar');
    git('archive', `--output=${archive}`, String(base), 'protos');
    expect(buf('breaking', '--against', `${archive}#subdir=protos`)).toBe('');
  },
);

/** The commit whose contracts others use: the main branch, or on that branch the commit before. */
function findBase(): string | undefined {
  return ['origin/main', 'HEAD~1'].find((ref) => {
    const commit = git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
    return commit && commit !== git('rev-parse', 'HEAD') && git('ls-tree', commit, 'protos/buf.yaml');
  });
}

/** What git prints; '' when it fails, as it does in a copy without a history. */
function git(...args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: join(here, '..'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** What buf prints, whether it likes the contracts or not. */
function buf(...args: string[]): string {
  const env = { ...process.env, XDG_CACHE_HOME: scratch };
  try {
    return execFileSync(join(here, 'node_modules/.bin/buf'), args, { cwd: here, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

/** What every file holds, by its path. */
function read(directory: string): Record<string, string> {
  const files = globSync('**/*.{ts,json,binpb}', { cwd: directory }).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(directory, file), 'latin1')]));
}
