import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Of the databases' roles, by name. */
export type Passwords = Readonly<Record<string, string>>;

/** Those of the databases; what isn't there is made, and all that is there stays. */
export function readPasswords(path: string, databases: readonly string[]): Passwords {
  const kept = readKept(path);
  const missing = databases.filter((name) => !(name in kept));
  if (missing.length === 0) return kept;
  const made = missing.map((name) => [name, randomBytes(18).toString('base64url')]);
  const passwords = { ...kept, ...Object.fromEntries(made) };
  writeFileSync(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return passwords;
}

function readKept(path: string): Passwords {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Passwords;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}
