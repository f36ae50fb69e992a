import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { countOperations, examineHistories } from './examine.ts';
import { type Finding, mostShown, type Violation } from './finding.ts';
import { copyHistories } from './history.ts';
import { type Invariant, invariants } from './invariants.ts';
import { withMirror } from './mirror.ts';
import { type DatabaseUrls, sources } from './sources.ts';

/** What is looked at, and what is too late. */
export interface Subject {
  readonly databases: DatabaseUrls;
  /** Files of histories; none of them may do. */
  readonly histories: readonly string[];
  /** Older than this, nothing may be under way. */
  readonly settled_s: number;
  /** Prepared transactions may be so old; `settled_s`. */
  readonly inDoubt_s?: number;
  readonly healed?: Healed;
}

/** When the last fault was over, in milliseconds since 1970, and how soon after that every order must have ended. */
export interface Healed {
  readonly at_ms: number;
  readonly within_s: number;
}

export interface Look {
  /** The number of rows, by table. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was done in the histories, by operation and outcome, and the rejections by their code. */
  readonly operations: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Why a history can't be used. */
  readonly fault?: string;
}

/**
 * Looks for what breaks the invariants. Databases can't be read at the same instant, so on a platform that works things
 * can look broken that aren't: what is found is looked for again after the time to settle, and counts if it is still there.
 */
export async function verify(subject: Subject, onSuspicion: () => void = () => {}): Promise<Look> {
  const first = await look(subject);
  if (first.findings.every(({ violations }) => violations.length === 0)) return first;
  onSuspicion();
  await sleep(subject.settled_s * 1000);
  const second = await look(subject);
  return { ...second, findings: second.findings.map((finding, index) => persistent(finding, first.findings[index])) };
}

function persistent(finding: Finding, before: Finding | undefined): Finding {
  const subjects = new Set(before?.violations.map(({ subject }) => subject));
  return { ...finding, violations: finding.violations.filter(({ subject }) => subjects.has(subject)) };
}

function look(subject: Subject): Promise<Look> {
  const { databases, histories } = subject;
  return withMirror(databases, settingsOf(subject), async (mirror) => {
    const counts = await count(mirror);
    const findings: Finding[] = [];
    const wanted = invariants.filter(({ afterFaults }) => subject.healed || !afterFaults);
    for (const invariant of wanted) findings.push(await examine(mirror, invariant, counts));
    if (histories.length === 0) return { counts, operations: {}, findings };
    const fault = await copyHistories(histories, mirror);
    if (fault !== undefined) return { counts, operations: {}, findings, fault };
    findings.push(...(await examineHistories(mirror, histories)));
    return { counts, operations: await countOperations(mirror), findings };
  });
}

/** What the invariants' queries are told. */
function settingsOf({ settled_s, inDoubt_s = settled_s, healed }: Subject): Record<string, string> {
  return {
    settled: `${settled_s} s`,
    in_doubt: `${inDoubt_s} s`,
    ...(healed && { healed: new Date(healed.at_ms).toISOString(), recovery: `${healed.within_s} s` }),
  };
}

async function examine(
  mirror: pg.Client,
  invariant: Invariant,
  counts: Readonly<Record<string, number>>,
): Promise<Finding> {
  const { rows } = await mirror.query<Violation>(`${invariant.broken} ORDER BY subject LIMIT ${mostShown}`);
  return { invariant, looked: counts[invariant.of] ?? 0, violations: rows };
}

async function count(mirror: pg.Client): Promise<Record<string, number>> {
  const tables = [...new Set(sources.map(({ table }) => table))];
  const { rows } = await mirror.query<Record<string, string>>(
    `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')}`,
  );
  return Object.fromEntries(tables.map((table) => [table, Number(rows[0]?.[table])]));
}
