// `assent simulate`: runs histories of the simulator, and shows the first one that breaks a promise.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  bugs,
  createTally,
  isBug,
  type Rules,
  realRules,
  rulesWith,
  runHistory,
  tellAll,
  transcripts,
} from '@assent/transactions/simulator';
import { awaitInterruption } from '../start/interrupt.ts';
import { showProgress } from './progress.ts';
import { describeRun, transcriptOf } from './report.ts';

export interface SimulateOptions {
  readonly seeds?: number;
  readonly seed?: number;
  readonly bug?: string;
  readonly full: boolean;
  readonly transcripts: boolean;
}

/** What is known of a run so far. */
export interface Run {
  readonly first: number;
  readonly wanted: number;
  done: number;
  steps: number;
  readonly begun_ms: number;
}

const usual = 10_000;
/** How long it works before it looks whether somebody wants it to stop. */
const slice_ms = 100;
const exitCodes = { kept: 0, broken: 1, interrupted: 130 } as const;

/** Returns the exit code: 0 when every promise was kept, 1 when one was broken, 130 when interrupted. */
export async function simulate(options: SimulateOptions): Promise<number> {
  if (options.transcripts) return writeTranscripts();
  const { seed, seeds = seed === undefined ? usual : 1, bug, full } = options;
  const rules = bug === undefined ? realRules : rulesOf(bug);
  if (seeds === 1) return showHistory(seed ?? 1, rules, full || seed !== undefined);
  const run: Run = { first: seed ?? 1, wanted: seeds, done: 0, steps: 0, begun_ms: performance.now() };
  const tally = createTally();
  const interruption = awaitInterruption(() => process.exit(exitCodes.interrupted));
  const hideProgress = showProgress(run);
  const broken = await runAll(run, interruption, (seed) => runHistory(seed, { rules, tally }));
  hideProgress();
  if (broken !== undefined) return showBroken(broken, rules, options);
  process.stdout.write(describeRun(run, tally));
  return run.done < run.wanted ? exitCodes.interrupted : exitCodes.kept;
}

/** The first seed that breaks a promise; undefined when none has, or when it was interrupted. */
async function runAll(
  run: Run,
  interruption: AbortSignal,
  runSeed: (seed: number) => { violations: readonly string[]; steps: number },
): Promise<number | undefined> {
  while (run.done < run.wanted && !interruption.aborted) {
    const until_ms = performance.now() + slice_ms;
    while (run.done < run.wanted && performance.now() < until_ms) {
      const seed = run.first + run.done;
      const { violations, steps } = runSeed(seed);
      run.done++;
      run.steps += steps;
      if (violations.length > 0) return seed;
    }
    await turn();
  }
  return undefined;
}

function rulesOf(bug: string): Rules {
  if (isBug(bug)) return rulesWith(bug);
  throw new Error(`there is no bug '${bug}' to plant, only ${Object.keys(bugs).join(', ')}`);
}

function showHistory(seed: number, rules: Rules, full: boolean): number {
  const { lines, violations } = transcriptOf(seed, rules, full);
  process.stdout.write(`${lines.join('\n')}\n`);
  return violations.length > 0 ? exitCodes.broken : exitCodes.kept;
}

function showBroken(seed: number, rules: Rules, { bug, full }: SimulateOptions): number {
  const code = showHistory(seed, rules, full);
  const planted = bug ? ` --bug ${bug}` : '';
  process.stdout.write(`\nThe whole of it, again: pnpm simulate --seed ${seed}${planted}\n`);
  return code;
}

function writeTranscripts(): number {
  mkdirSync(transcripts, { recursive: true });
  for (const [name, text] of tellAll()) {
    writeFileSync(join(transcripts, name), text);
    process.stdout.write(`${join(transcripts, name)}\n`);
  }
  return exitCodes.kept;
}
