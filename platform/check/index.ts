import { judgeAll } from './judge.ts';
import { locateDatabases, type WhichDatabases } from './locate.ts';
import { describeVerdict } from './report.ts';

export interface CheckOptions extends WhichDatabases {
  /** How long things may take to settle, in seconds. */
  readonly settled: number;
  /** To wait first until no transaction is open, so many seconds at most. */
  readonly wait: number;
  readonly json: boolean;
  /** Histories of what was done to it. */
  readonly history?: readonly string[];
  /** The least share of the orders in them that must have been confirmed. */
  readonly enough: number;
  /** How old prepared transactions may be, in seconds; `settled`. */
  readonly inDoubt?: number;
  /** When the last fault was over; orders must have ended so many seconds later as `settled` says. */
  readonly healed?: Date;
}

/** Verifies the invariants of a running platform. The exit code: 0 they hold, 1 they don't, 2 not enough to judge. */
export async function check(options: CheckOptions): Promise<number> {
  const { settled, wait, json, history = [], enough, inDoubt, healed } = options;
  const { databases, close } = await locateDatabases(options);
  const { verdict, look } = await judgeAll({
    history,
    sources: databases,
    settled_s: settled,
    wait_s: wait,
    ...(inDoubt !== undefined && { inDoubt_s: inDoubt }),
    ...(healed && { healed: { at_ms: healed.getTime(), within_s: settled } }),
    enough: { share: enough },
    onSuspicion: () => {
      process.stderr.write(
        `Something looks broken; looking again in ${settled} s, when what is under way has settled …\n`,
      );
    },
  }).finally(close);
  const text = json ? JSON.stringify({ ...verdict, findings: look.findings }) : describeVerdict(verdict, look);
  process.stdout.write(`${text}\n`);
  if (verdict.violations.length > 0) return 1;
  return verdict.enough ? 0 : 2;
}
