// Where a run keeps what, in its directory.
import { join } from 'node:path';

/** What it has running. */
export function recordPath(directory: string): string {
  return join(directory, 'run.json');
}

/** Where the metrics of every replica are, for Prometheus. */
export function metricsTargetsPath(directory: string): string {
  return join(directory, 'metrics.json');
}

/** Of PostgreSQL's roles. */
export function passwordsPath(directory: string): string {
  return join(directory, 'passwords.json');
}

/** PostgreSQL's files. */
export function postgresDirectory(directory: string): string {
  return join(directory, 'postgres');
}

/** Such files, in preparation for a later run. */
export function spareDirectory(directory: string): string {
  return join(directory, 'spare');
}
