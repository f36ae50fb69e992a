import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from '../load/orders.ts';
import { awaitInterruption } from '../start/interrupt.ts';
import { experiment, isClean } from './experiment.ts';
import type { FaultType } from './faults.ts';
import { type Ground, startOwn, takePlatform } from './ground.ts';
import { toHtml } from './report/html.ts';
import { evaluate, type Report, type Settings } from './report/report.ts';
import { describeChaos } from './report/summary.ts';
import { schedule } from './schedule.ts';
import { openScreen, type Screen } from './screen.ts';

export interface ChaosOptions {
  /** How long faults happen, in seconds. */
  readonly duration: number;
  /** A random one without it. */
  readonly seed?: number;
  /** Seconds from the beginning of a fault to that of the next one. */
  readonly every: number;
  readonly faults: readonly FaultType[];
  /** Orders per second. */
  readonly rate: number;
  readonly mode: Mode | 'mixed';
  /** Of the platform that it starts. */
  readonly replicas: number;
  readonly coordinatorShards: number;
  readonly inventoryShards: number;
  /** Of a running platform; without it one is started. */
  readonly port?: number;
  /** Where report.html, report.json and the history go. */
  readonly report: string;
  readonly json: boolean;
}

const mostSeeds = 1_000_000;

/** Disturbs a platform under load, and reports. The exit code is 0 when nothing was wrong and enough succeeded. */
export async function chaos(options: ChaosOptions): Promise<number> {
  const { json, port, report: directory, seed = Math.floor(Math.random() * mostSeeds) } = options;
  const screen = openScreen(json);
  let ground: Ground | undefined;
  const over = awaitInterruption(() => ground?.kill());
  mkdirSync(directory, { recursive: true });
  screen.say(`Seed ${seed}; ${port === undefined ? 'starting a platform …' : `the platform on port ${port}`}`);
  ground = port === undefined ? await startOwn(options) : takePlatform(port);
  try {
    const report = await run(ground, { ...options, seed }, screen, over);
    writeFileSync(join(directory, 'report.json'), `${JSON.stringify(report, undefined, 1)}\n`);
    writeFileSync(join(directory, 'report.html'), toHtml(report));
    // A platform of our own takes with it what its services had to say.
    if (!report.clean) cpSync(join(ground.arena.run().directory, 'logs'), join(directory, 'logs'), { recursive: true });
    await print(json ? `${JSON.stringify(report)}\n` : describeChaos(report, directory));
    return report.clean ? 0 : 1;
  } finally {
    screen.close();
    await ground.stop();
  }
}

/** All of it, though the process ends right afterwards. */
function print(text: string): Promise<unknown> {
  return new Promise((resolve) => process.stdout.write(text, resolve));
}

async function run(
  ground: Ground,
  options: ChaosOptions & { seed: number },
  screen: Screen,
  signal: AbortSignal,
): Promise<Report> {
  const { arena, missing, replicas, deaths } = ground;
  const { seed, duration, every, rate, mode } = options;
  const faults = options.faults.filter((type) => missing[type] === undefined);
  for (const type of options.faults) if (missing[type]) screen.say(`Without ${type}: ${missing[type]}`);
  const settings: Settings = {
    seed,
    duration_s: duration,
    every_s: every,
    faults,
    rate,
    mode,
    replicas: arena.run().replicas,
    coordinatorShards: options.coordinatorShards,
    inventoryShards: options.inventoryShards,
    own: options.port === undefined,
  };
  const times = { duration_ms: duration * 1000, every_ms: every * 1000 };
  const planned = schedule({ seed, ...times, faults, replicas, hasNetwork: arena.network !== undefined });
  const begun = new Date().toISOString();
  let origin_ms = 0;
  const done = await experiment({
    arena,
    planned,
    faults_s: duration,
    rate,
    mode,
    seed,
    history: join(options.report, 'history.jsonl'),
    signal,
    onTraffic(traffic) {
      origin_ms = traffic.begun_ms;
      screen.follow(traffic);
    },
    onBegin: screen.begun,
    onHealed: screen.healed,
  });
  screen.close();
  const since = deaths.flatMap((death) =>
    death.at_ms < origin_ms ? [] : { ...death, at_ms: death.at_ms - origin_ms },
  );
  const asked = Object.fromEntries(
    Object.entries(missing).filter(([type]) => options.faults.some((one) => one === type)),
  );
  return evaluate(done, { clean: isClean(done), begun, settings, missing: asked, deaths: since });
}
