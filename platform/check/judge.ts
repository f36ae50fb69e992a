import type { DatabaseUrls } from './sources.ts';
import { type Finding, verify } from './verify.ts';
import { awaitQuiet } from './wait.ts';

/** What is to be judged. */
export interface Case {
  /** Files that `load --history` has written; without any only the databases are looked at. */
  readonly history: readonly string[];
  /** The URLs of the services' databases, by name, as a run registers them. */
  readonly sources: DatabaseUrls;
  /** Older than this, nothing may be under way. */
  readonly settled_s: number;
  /** To wait first until no transaction is open, so many seconds at most; 0. */
  readonly wait_s?: number;
  /** Prepared transactions may be so old; `settled_s`. */
  readonly inDoubt_s?: number;
  /** When the last fault was over, in milliseconds since 1970, and how soon after that every order must have ended. */
  readonly healed?: Healed;
  readonly enough?: Partial<Enough>;
  /** Something looks wrong, and is looked at again after `settled_s`. */
  readonly onSuspicion?: () => void;
}

export interface Healed {
  readonly at_ms: number;
  readonly within_s: number;
}

/** What must have succeeded so that the history says anything. */
export interface Enough {
  /** Orders that were confirmed, at least; 20. */
  readonly confirmed: number;
  /** The least share of all orders placed that were confirmed; 0.5. */
  readonly share: number;
}

export interface Verdict {
  /** Enough was done, and nothing of it was wrong. */
  readonly passed: boolean;
  readonly enough: boolean;
  /** Why it isn't enough to judge, for people. */
  readonly shortfall?: string;
  readonly violations: readonly Violation[];
  /** Rows of tables, operations of the history by kind and outcome, rejections by code. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Plain text and numbers, so that it can be printed, kept as JSON and compared. */
export interface Violation {
  /** The name of what doesn't hold. */
  readonly invariant: string;
  /** The operation, order, account, … that it is about. */
  readonly subject: string;
  readonly seen: string;
  readonly expected: string;
  /** Where the history says so, as FILE:LINE. */
  readonly lines: readonly string[];
}

/** Judges a run by its histories and its databases. Rejects when a file or a database can't be read. */
export async function judge({ sources, settled_s, wait_s = 0, onSuspicion }: Case): Promise<Verdict> {
  await awaitQuiet(sources, wait_s);
  const { counts, findings } = await verify(sources, settled_s, onSuspicion);
  const violations = findings.flatMap(violationsOf);
  const enough = Boolean(counts.orders && counts.transactions);
  return { passed: enough && violations.length === 0, enough, violations, counts };
}

function violationsOf({ invariant, violations }: Finding): Violation[] {
  return violations.map(({ subject, ...details }) => ({
    invariant: invariant.name,
    subject,
    seen: JSON.stringify(details),
    expected: invariant.explanation,
    lines: [],
  }));
}
