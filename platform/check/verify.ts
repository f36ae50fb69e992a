import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Invariant, invariants } from './invariants.ts';
import { withMirror } from './mirror.ts';
import { type DatabaseUrls, sources } from './sources.ts';

/** What breaks an invariant. */
export interface Violation {
  /** What it is about: an order, an account, … */
  readonly subject: string;
  readonly [detail: string]: unknown;
}

export interface Finding {
  readonly invariant: Invariant;
  /** How many rows it looked at. */
  readonly looked: number;
  /** At most `mostShown` of them. */
  readonly violations: readonly Violation[];
}

export interface Look {
  /** The number of rows, by table. */
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

const mostShown = 1000;

/**
 * Looks for what breaks the invariants. Databases can't be read at the same instant, so on a platform that works things
 * can look broken that aren't: what is found is looked for again after the time to settle, and counts if it is still there.
 */
export async function verify(
  databases: DatabaseUrls,
  settled_s: number,
  onSuspicion: () => void = () => {},
): Promise<Look> {
  const first = await look(databases, settled_s);
  if (first.findings.every(({ violations }) => violations.length === 0)) return first;
  onSuspicion();
  await sleep(settled_s * 1000);
  const second = await look(databases, settled_s);
  return { ...second, findings: second.findings.map((finding, index) => persistent(finding, first.findings[index])) };
}

function persistent(finding: Finding, before: Finding | undefined): Finding {
  const subjects = new Set(before?.violations.map(({ subject }) => subject));
  return { ...finding, violations: finding.violations.filter(({ subject }) => subjects.has(subject)) };
}

function look(databases: DatabaseUrls, settled_s: number): Promise<Look> {
  return withMirror(databases, settled_s, async (mirror) => {
    const counts: Record<string, number> = {};
    for (const { table } of sources) counts[table] = await count(mirror, table);
    const findings: Finding[] = [];
    for (const invariant of invariants) findings.push(await examine(mirror, invariant, counts));
    return { counts, findings };
  });
}

async function examine(
  mirror: pg.Client,
  invariant: Invariant,
  counts: Readonly<Record<string, number>>,
): Promise<Finding> {
  const { rows } = await mirror.query<Violation>(`${invariant.broken} ORDER BY subject LIMIT ${mostShown}`);
  return { invariant, looked: counts[invariant.of] ?? 0, violations: rows };
}

async function count(mirror: pg.Client, table: string): Promise<number> {
  const { rows } = await mirror.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  return Number(rows[0]?.count);
}
