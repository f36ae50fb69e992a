import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The clocks of processes that have loaded what it gives them. */
export interface Clocks {
  /** The URL of the module that a replica's process has to load first. */
  preload(replica: string): string;
  /** Sets the clock of the replica, and of its successors, to be wrong by this much; 0 heals it. */
  set(replica: string, skew_ms: number): void;
}

export function createClocks(directory: string): Clocks {
  const clocks = join(directory, 'clocks');
  mkdirSync(clocks, { recursive: true });
  return {
    preload(replica) {
      const url = pathToFileURL(join(import.meta.dirname, 'skew.ts'));
      url.searchParams.set('file', join(clocks, replica));
      return url.href;
    },
    set(replica, skew_ms) {
      const path = join(clocks, replica);
      writeFileSync(`${path}.new`, String(skew_ms));
      renameSync(`${path}.new`, path);
    },
  };
}
