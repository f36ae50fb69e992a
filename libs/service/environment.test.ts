import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readEnvironment } from './environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'environment-'));
const file = join(directory, 'url');
writeFileSync(file, 'postgres://somewhere/orders\n');
afterAll(() => rmSync(directory, { recursive: true }));

const read = (environment: NodeJS.ProcessEnv) => readEnvironment(['DATABASE_URL', 'PORT'], environment);

test('takes variables that have a name and a value', () => {
  expect(read({ PORT: '1', DATABASE_URL: '', HOME: '/root' })).toEqual({ values: { PORT: '1' }, errors: [] });
});

test('takes a value from a file', () => {
  expect(read({ DATABASE_URL_FILE: file })).toEqual({
    values: { DATABASE_URL: 'postgres://somewhere/orders' },
    errors: [],
  });
});

test('names what is given twice, and a file that cannot be read or is empty', () => {
  const empty = join(directory, 'empty');
  writeFileSync(empty, '\n');
  expect(read({ DATABASE_URL_FILE: empty }).errors).toEqual([`DATABASE_URL_FILE: ${empty} is empty`]);
  const { errors } = read({ DATABASE_URL: 'postgres://u:secret@h/d', DATABASE_URL_FILE: file, PORT_FILE: '/nowhere' });
  expect(errors).toEqual([
    'DATABASE_URL_FILE: set it or DATABASE_URL, not both',
    expect.stringMatching(/^PORT_FILE: ENOENT.*\/nowhere/),
  ]);
});
