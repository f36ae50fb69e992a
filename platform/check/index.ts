import { findRun } from '../run/find.ts';
import { describeLook } from './report.ts';
import { verify } from './verify.ts';
import { awaitQuiet } from './wait.ts';

export interface CheckOptions {
  /** How long things may take to settle, in seconds. */
  readonly settled: number;
  /** To wait first until no transaction is open, so many seconds at most. */
  readonly wait: number;
  readonly json: boolean;
  /** Of the platform, when several are running. */
  readonly port?: number;
}

/** Verifies the invariants of a running platform. The exit code: 0 they hold, 1 they don't, 2 nothing to check. */
export async function check({ settled, wait, json, port }: CheckOptions): Promise<number> {
  const { databases } = findRun(port);
  await awaitQuiet(databases, wait);
  const look = await verify(databases, settled, () => {
    process.stderr.write(
      `Something looks broken; looking again in ${settled} s, when what is under way has settled …\n`,
    );
  });
  process.stdout.write(`${json ? JSON.stringify(look) : describeLook(look)}\n`);
  if (look.findings.some(({ violations }) => violations.length > 0)) return 1;
  return look.counts.orders && look.counts.transactions ? 0 : 2;
}
