import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from './account.ts';

// Reads until we end, in whatever way; then asks the server to end when its sessions have ended, and after 15 s at once.
const script = `
read _
server=$(head -n 1 "$0") || exit
kill -TERM "$server"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  sleep 1
  [ "$(head -n 1 "$0" 2>/dev/null)" = "$server" ] || exit
done
kill -INT "$server"`;

/** A small process that stops the server of the data directory should we be killed. */
export function watch(data: string, account: Account | undefined): ChildProcess {
  const watchdog = spawn('/bin/sh', ['-c', script, join(data, 'postmaster.pid')], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => {});
  watchdog.unref();
  return watchdog;
}
