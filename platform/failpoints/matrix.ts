// Runs cases, several at a time, each in a world of its own.
import type { Point } from '@assent/failpoints';
import type { Case } from './cases.ts';
import { type Outcome, runCase } from './run.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

export interface Result {
  readonly one: Case;
  readonly outcome: Outcome;
  readonly took_ms: number;
  /** Of a case that failed: what its processes wrote. */
  readonly output: string;
}

export interface MatrixOptions extends Omit<WorldOptions, 'shards'> {
  /** So many cases run at a time, each with processes of its own. */
  readonly worlds: number;
  /** How long everything may take to come right once it is mended; 60 s, of which a busy machine may need some. */
  readonly patience_ms?: number;
  onResult?(result: Result): void;
}

/** A case whose failpoint isn't reached, because the machine was too busy, is run again. */
const attempts = 3;

export async function runMatrix(cases: readonly Case[], options: MatrixOptions): Promise<Result[]> {
  const results: Result[] = [];
  async function work(queue: Case[], shards: Case['shards']): Promise<void> {
    const world = await openWorld({ ...options, shards });
    try {
      for (let one = queue.shift(); one; one = queue.shift()) {
        const result = await runUntilReached(world, one, options.patience_ms ?? 60_000);
        results.push(result);
        options.onResult?.(result);
      }
    } finally {
      await world.close();
    }
  }
  for (const shards of [1, 2] as const) {
    const queue = cases.filter((one) => one.shards === shards);
    await Promise.all(Array.from({ length: Math.min(options.worlds, queue.length) }, () => work(queue, shards)));
  }
  return results;
}

async function runUntilReached(world: World, one: Case, patience_ms: number): Promise<Result> {
  const begun = performance.now();
  let outcome: Outcome = { type: 'missed' };
  for (let attempt = 1; attempt <= attempts && outcome.type === 'missed'; attempt++)
    outcome = await runCase(world, one, patience_ms);
  const output =
    outcome.type === 'passed' ? '' : world.replicas.map((each) => `--- ${each.name}\n${each.output()}`).join('\n');
  return { one, outcome, took_ms: performance.now() - begun, output };
}

/** The points that nobody has reached: a matrix that leaves any out shows less than it claims. */
export function unreached(points: readonly Point[], results: readonly Result[]): Point[] {
  const reached = new Set(results.filter(({ outcome }) => outcome.type === 'passed').map(({ one }) => one.point));
  return points.filter((point) => !reached.has(point));
}
