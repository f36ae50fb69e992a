// For the tests of this package, which can't use libs/testing: that one uses this package.
import { randomUUID } from 'node:crypto';
import { createDatabaseAndRole } from '../embedded/roles.ts';

/** The URL of a new database on the test run's server. */
export function scratchUrl(): Promise<string> {
  const name = `scratch_${randomUUID()}`;
  return createDatabaseAndRole(adminUrl(), { database: name, role: name, password: randomUUID() });
}

export function adminUrl(): string {
  return process.env.ASSENT_TEST_POSTGRES ?? '';
}
