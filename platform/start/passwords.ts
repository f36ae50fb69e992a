import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { databaseNames } from './services.ts';

/** Of the databases' roles, by name. */
export type Passwords = Readonly<Record<string, string>>;

/** They are made when the data directory is. */
export function readPasswords(path: string): Passwords {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const passwords = Object.fromEntries(databaseNames.map((name) => [name, randomBytes(18).toString('base64url')]));
  writeFileSync(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return passwords;
}
