import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from '../load/orders.ts';
import { awaitInterruption } from '../start/interrupt.ts';
import { experiment, isClean } from './experiment.ts';
import type { FaultType } from './faults.ts';
import type { Ground } from './ground.ts';
import { chosenFaults, describePlatform, openGround, type PlaceOptions, platformOf } from './place.ts';
import { toHtml } from './report/html.ts';
import { evaluate, type Platform, type Report, type Settings } from './report/report.ts';
import { describeChaos } from './report/summary.ts';
import { schedule } from './schedule.ts';
import { openScreen, type Screen } from './screen.ts';

export interface ChaosOptions extends PlaceOptions {
  /** How long faults happen, in seconds. */
  readonly duration: number;
  /** A random one without it. */
  readonly seed?: number;
  /** Seconds from the beginning of a fault to that of the next one; 3, and 10 on Kubernetes, where it takes longer to be whole again. */
  readonly every?: number;
  /** Seconds after the last fault in which everything must have ended. */
  readonly settled: number;
  /** Orders per second. */
  readonly rate: number;
  readonly mode: Mode | 'mixed';
  /** How often an order is sent again; as many times as it takes for a minute. */
  readonly retries?: number;
  /** Where report.html, report.json and the history go. */
  readonly report: string;
  readonly json: boolean;
}

const mostSeeds = 1_000_000;

/** Disturbs a platform under load, and reports. The exit code is 0 when nothing was wrong and enough succeeded. */
export async function chaos(options: ChaosOptions): Promise<number> {
  const { json, report: directory, seed = Math.floor(Math.random() * mostSeeds) } = options;
  const faults = chosenFaults(options);
  const screen = openScreen(json);
  let ground: Ground | undefined;
  const over = awaitInterruption(() => ground?.kill());
  mkdirSync(directory, { recursive: true });
  const platform = platformOf(options);
  screen.say(`Seed ${seed}; ${describePlatform(platform)} …`);
  ground = await openGround(platform, { faults, url: options.url, say: screen.say });
  try {
    const report = await run(ground, platform, { ...options, faults, seed }, screen, over);
    writeFileSync(join(directory, 'report.json'), `${JSON.stringify(report, undefined, 1)}\n`);
    writeFileSync(join(directory, 'report.html'), toHtml(report));
    // A platform of our own takes with it what its services had to say.
    if (!report.clean) await ground.saveLogs(join(directory, 'logs'));
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
  platform: Platform,
  options: ChaosOptions & { readonly faults: readonly FaultType[]; readonly seed: number },
  screen: Screen,
  signal: AbortSignal,
): Promise<Report> {
  const { missing, deaths } = ground;
  const { seed, duration, target, every = target === 'kubernetes' ? 10 : 3, settled, rate, mode } = options;
  const faults = options.faults.filter((type) => missing[type] === undefined);
  for (const type of options.faults) if (missing[type]) screen.say(`Without ${type}: ${missing[type]}`);
  if (faults.length === 0) throw new Error('none of these faults can happen here');
  const settings: Settings = {
    seed,
    duration_s: duration,
    every_s: every,
    settled_s: settled,
    faults,
    rate,
    mode,
    platform,
  };
  const times = { duration_ms: duration * 1000, every_ms: every * 1000 };
  const planned = schedule({ seed, ...times, faults, choose: ground.choose });
  const begun = new Date().toISOString();
  let origin_ms = 0;
  const done = await experiment({
    ground,
    planned,
    faults_s: duration,
    settled_s: settled,
    rate,
    mode,
    seed,
    ...(options.retries !== undefined && { retries: options.retries }),
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
