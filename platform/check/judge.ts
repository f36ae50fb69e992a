import type { Finding } from './finding.ts';
import type { DatabaseUrls } from './sources.ts';
import { type Healed, type Look, verify } from './verify.ts';
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
  /** When the last fault was over, and how soon after that every order must have ended. */
  readonly healed?: Healed;
  readonly enough?: Partial<Enough>;
  /** Something looks wrong, and is looked at again after `settled_s`. */
  readonly onSuspicion?: () => void;
}

/** What must have succeeded so that a history says anything. */
export interface Enough {
  /** Orders that were confirmed, at least; 20. */
  readonly confirmed: number;
  /** The least share of all orders that were sent that were confirmed; 0.5. */
  readonly share: number;
}

export interface Verdict {
  /** Enough was done, and nothing of it was wrong. */
  readonly passed: boolean;
  readonly enough: boolean;
  /** Why it isn't enough to judge, for people. */
  readonly shortfall?: string;
  readonly violations: readonly Violation[];
  /** Rows of tables, operations of the histories by kind and outcome, orders confirmed and rejected by code. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Plain text and numbers, so that it can be printed, kept as JSON and compared. */
export interface Violation {
  /** The name of what doesn't hold. */
  readonly invariant: string;
  /** The order, account, product, … that it is about. */
  readonly subject: string;
  readonly seen: string;
  readonly expected: string;
  /** Where the history says so, as FILE:LINE. */
  readonly lines: readonly string[];
}

/** Judges a run by its histories and its databases. Rejects when a file or a database can't be read. */
export async function judge(one: Case): Promise<Verdict> {
  return (await judgeAll(one)).verdict;
}

/** The same, with all that was looked at. */
export async function judgeAll(one: Case): Promise<{ verdict: Verdict; look: Look }> {
  const { sources: databases, history: histories, wait_s = 0, onSuspicion, ...limits } = one;
  await awaitQuiet(databases, wait_s);
  const look = await verify({ databases, histories, ...limits }, onSuspicion);
  const violations = look.findings.flatMap(violationsOf);
  const shortfall = shortfallOf(look, histories.length > 0, { confirmed: 20, share: 0.5, ...one.enough });
  const verdict = {
    passed: shortfall === undefined && violations.length === 0,
    enough: shortfall === undefined,
    ...(shortfall !== undefined && { shortfall }),
    violations,
    counts: { ...look.counts, ...look.operations },
  };
  return { verdict, look };
}

/** Why what was looked at proves nothing. */
function shortfallOf({ counts, operations, fault }: Look, hasHistory: boolean, enough: Enough): string | undefined {
  if (fault !== undefined) return fault;
  if (!counts.orders || !counts.transactions) return 'no order was ever placed';
  if (!hasHistory) return undefined;
  const { requests = 0, confirmed = 0 } = operations;
  if (confirmed >= enough.confirmed && confirmed >= enough.share * requests) return undefined;
  const needed = `at least ${enough.confirmed} and ${enough.share * 100} % must be`;
  return `only ${confirmed} of the ${requests} orders in the history were confirmed; ${needed}`;
}

function violationsOf({ invariant, violations }: Finding): Violation[] {
  return violations.map(({ subject, seen, expected, lines, ...details }) => ({
    invariant: invariant.name,
    subject,
    seen: typeof seen === 'string' ? seen : JSON.stringify(details),
    expected: typeof expected === 'string' ? expected : invariant.explanation,
    lines: Array.isArray(lines) ? lines : [],
  }));
}
