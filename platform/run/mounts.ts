import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';

/** As what a run mounts file systems of its own; others, such as a disk for a data directory, are none of its business. */
export const ownDevice = 'assent';

/** Takes away the file systems that a run has mounted in its directory. */
export function unmountIn(directory: string): void {
  for (const path of ownMounts().filter((one) => one.startsWith(directory + sep))) {
    // Who still has a file open there keeps it until that is closed; the name is free at once.
    execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
  }
}

function ownMounts(): string[] {
  if (process.platform !== 'linux') return [];
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return mounts.flatMap(([device, path = '']) => (device === ownDevice ? [withoutEscapes(path)] : []));
}

/** Spaces and the like are written as octal numbers there. */
function withoutEscapes(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
