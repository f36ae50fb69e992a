// pnpm test:failpoints
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { points } from '@assent/failpoints';
import { Command } from 'commander';
import { cacheDirectory } from '../config.ts';
import { countExcluded, generate } from './cases.ts';
import { type Result, runMatrix, unreached } from './matrix.ts';
import { openServer } from './server.ts';

interface Options {
  readonly only?: string;
  readonly list: boolean;
  readonly worlds: string;
}

// An exit takes all processes with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

await new Command('test:failpoints')
  .description(
    'Fails every process at every failpoint, in every way and every kind of transaction, and verifies the outcome.',
  )
  .option('--only <pattern>', 'the cases whose name matches this regular expression; a whole name replays one case')
  .option('--list', 'print the names of the cases, and why there are no others, and run none', false)
  .option('--worlds <count>', 'how many cases run at a time, each with processes of its own', '4')
  .action(async (options: Options) => process.exit(await run(options)))
  .parseAsync();

async function run({ only, list, worlds }: Options): Promise<number> {
  const cases = generate().filter(({ name }) => !only || name === only || new RegExp(only).test(name));
  if (list) {
    for (const { name } of cases) process.stdout.write(`${name}\n`);
    if (!only) for (const [why, count] of countExcluded()) process.stdout.write(`# ${count} excluded: ${why}\n`);
    return 0;
  }
  const server = await openServer();
  try {
    const begun = performance.now();
    let done = 0;
    const onResult = (result: Result) => report(result, `${++done}/${cases.length}`);
    const results = await runMatrix(cases, { createDatabase: server.createDatabase, worlds: Number(worlds), onResult });
    const left = only ? [] : unreached(points, results);
    return summary(results, left, performance.now() - begun);
  } finally {
    await server.stop();
  }
}

function report({ one, outcome, took_ms, output }: Result, progress: string): void {
  const line = `${progress} ${outcome.type} ${one.name} (${(took_ms / 1000).toFixed(1)} s)`;
  if (outcome.type === 'passed') {
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${line.slice(0, process.stdout.columns - 1)}` : `${line}\n`);
    return;
  }
  const directory = join(cacheDirectory, 'failpoints');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${one.name.replaceAll(/[^\w.-]/g, '_')}.log`);
  writeFileSync(file, output);
  const faults = outcome.type === 'failed' ? outcome.faults.map((fault) => `    ${fault}\n`).join('') : '';
  process.stdout.write(`${process.stdout.isTTY ? '\r\x1b[2K' : ''}${line}\n${faults}    logs: ${file}\n`);
}

function summary(results: readonly Result[], left: readonly string[], took_ms: number): number {
  const count = (type: string) => results.filter(({ outcome }) => outcome.type === type).length;
  const endings = results.flatMap(({ outcome }) => (outcome.type === 'passed' ? [outcome.ended_ms] : []));
  const slowest = Math.max(0, ...endings);
  process.stdout.write(
    `${process.stdout.isTTY ? '\r\x1b[2K' : ''}${new Set(results.map(({ one }) => one.point)).size} points, ` +
      `${results.length} cases in ${Math.round(took_ms / 1000)} s: ${count('passed')} passed, ${count('failed')} failed, ` +
      `${count('missed')} missed. Everything had come right ${(slowest / 1000).toFixed(1)} s after it was mended.\n`,
  );
  if (left.length > 0) process.stdout.write(`points that no case has reached: ${left.join(', ')}\n`);
  return count('passed') === results.length && results.length > 0 && left.length === 0 ? 0 : 1;
}
