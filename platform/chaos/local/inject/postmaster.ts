import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresDirectory } from '../../../run/paths.ts';

/** The process of the PostgreSQL server of a run in that directory. */
export function postmasterOf(directory: string): number {
  return Number.parseInt(readFileSync(join(postgresDirectory(directory), 'data', 'postmaster.pid'), 'utf8'), 10);
}
