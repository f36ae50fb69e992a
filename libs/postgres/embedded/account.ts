import { readFileSync } from 'node:fs';

/** A user of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as when we are root, which PostgreSQL refuses to be; undefined when it can run as ourselves. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['nobody', 'postgres']) {
    const [, , uid, gid] = entries.find(([entry]) => entry === name) ?? [];
    // macOS writes nobody's ids as -2.
    if (uid && gid) return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no account nobody or postgres to run it as');
}
