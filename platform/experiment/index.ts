import { availableParallelism, cpus, loadavg } from 'node:os';
import { commit } from '../bench/machine.ts';
import { awaitInterruption } from '../start/interrupt.ts';
import type { Experiment, Settings } from './experiment.ts';
import { experiments } from './experiments.ts';
import { describeReport, isProved, type Report, writeReport } from './report/pages.ts';
import { openScreen, type Screen } from './screen.ts';
import { openStage } from './stage/stage.ts';

export interface ExperimentOptions {
  /** Seconds of each part that is measured. */
  readonly duration?: number;
  /** Calls per second. */
  readonly rate?: number;
  /** Of what chance decides. */
  readonly seed: number;
  /** Where the reports go. */
  readonly out: string;
}

const interrupted = 130;

/** Runs one experiment, or `all`; without a name it lists them. The exit code is 0 when everything was as they claim. */
export async function experiment(name: string | undefined, options: ExperimentOptions): Promise<number> {
  if (name === undefined) return list();
  const chosen = experiments.filter((one) => name === 'all' || one.name === name);
  if (chosen.length === 0) throw new Error(`there is no experiment ${name}; without a name they are listed`);
  const signal = awaitInterruption(() => process.exit(interrupted));
  const screen = openScreen();
  const { cores, load_before } = describeMachine();
  if (load_before > cores / 2) screen.say(`The machine is busy (load ${load_before}): that is what will be measured.`);
  let good = true;
  for (const one of chosen) {
    try {
      const report = await conduct(one, options, screen, signal);
      writeReport(options.out, report);
      screen.say(describeReport(report, screen.mark));
      good &&= isProved(report);
    } catch (error) {
      if (signal.aborted) break;
      screen.say(`${screen.mark(false)} ${(error as Error).message}`);
      good = false;
    }
  }
  screen.close();
  if (!signal.aborted) return good ? 0 : 1;
  process.stdout.write(`interrupted (${signal.reason}); all processes are ended\n`);
  return interrupted;
}

async function conduct(
  one: Experiment,
  { duration, rate, seed }: ExperimentOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<Report> {
  screen.begin(one.name);
  const machine = describeMachine();
  const settings: Settings = { rate: rate ?? one.usual.rate, duration_s: duration ?? one.usual.duration_s };
  const stage = openStage({ seed, signal, say: screen.note });
  try {
    const findings = await one.run(stage, settings);
    signal.throwIfAborted();
    return { experiment: one, settings: { ...settings, seed }, findings, machine };
  } finally {
    await stage.close();
  }
}

function list(): number {
  const width = Math.max(...experiments.map(({ name }) => name.length));
  for (const { name, title } of experiments) process.stdout.write(`${name.padEnd(width)}  ${title}\n`);
  return 0;
}

function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: commit(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    load_before: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
