// A small file system of our own for PostgreSQL, which can be filled to the last byte.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { userId } from '../../../config.ts';
import { ownDevice } from '../../../run/mounts.ts';

export interface Disk {
  /** From now on nothing more fits. */
  fill(): void;
  free(): void;
}

/** Only what is in use of it takes memory. */
const size_bytes = 6 * 2 ** 30;
const attempts = 50;

/** Why there can't be one here; undefined when there can. */
export function whyNoDisk(): string | undefined {
  if (process.platform !== 'linux') return 'a small disk for PostgreSQL needs Linux';
  return userId === 0 ? undefined : 'only root can mount a small disk for PostgreSQL';
}

/** Mounts it. The run whose directory it is in takes it away. */
export function mountDisk(directory: string): Disk {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  mount('-t', 'tmpfs', '-o', `mode=755,size=${size_bytes}`, ownDevice, directory);
  const resize = (bytes: number) => mount('-o', `remount,size=${bytes}`, directory);
  return {
    fill() {
      for (let attempt = 1; ; attempt++) {
        // No filler: the disk shrinks to what is in use. Meanwhile that may have become more, and less than that it can't be.
        const { bsize, blocks, bfree } = statfsSync(directory);
        try {
          resize((blocks - bfree) * bsize);
          return;
        } catch (error) {
          if (attempt === attempts) throw error;
        }
      }
    },
    free: () => resize(size_bytes),
  };
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
