import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Identity, signal } from '../../../run/identity.ts';

// Reads until we say so, or end in whatever way.
const script = 'read _; kill -CONT "$0" 2>/dev/null';

/** Stops a process; returns what lets it go on, which also happens when this process ends. */
export async function pause(identity: Identity): Promise<() => Promise<void>> {
  const lifeline = spawn('/bin/sh', ['-c', script, String(identity.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(lifeline, 'spawn');
  const ended = once(lifeline, 'exit');
  signal(identity, 'SIGSTOP');
  return async () => {
    lifeline.stdin.end();
    await ended;
  };
}
