import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from '../load/orders.ts';
import { awaitInterruption } from '../start/interrupt.ts';
import { experiment, isClean } from './experiment.ts';
import { type FaultType, faultTypesOf, type Place } from './faults.ts';
import type { Ground } from './ground.ts';
import { startOwn, takePlatform } from './local/ground.ts';
import { toHtml } from './report/html.ts';
import { evaluate, type Platform, type Report, type Settings } from './report/report.ts';
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
  /** Seconds after the last fault in which everything must have ended. */
  readonly settled: number;
  /** All that there are where the platform runs. */
  readonly faults?: readonly FaultType[];
  /** Orders per second. */
  readonly rate: number;
  readonly mode: Mode | 'mixed';
  /** How often an order is sent again; as many times as it takes for a minute. */
  readonly retries?: number;
  /** Where it runs. */
  readonly target: Place;
  /** On Kubernetes, with the release's name, and the URL of its REST if it can't be found. */
  readonly namespace: string;
  readonly release: string;
  readonly url?: string;
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
  const { json, report: directory, seed = Math.floor(Math.random() * mostSeeds) } = options;
  const faults = chosenFaults(options);
  const screen = openScreen(json);
  let ground: Ground | undefined;
  const over = awaitInterruption(() => ground?.kill());
  mkdirSync(directory, { recursive: true });
  const platform = platformOf(options);
  screen.say(`Seed ${seed}; ${describePlatform(platform)} …`);
  ground = await openGround(platform, { ...options, faults }, screen);
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

function chosenFaults({ target, faults = faultTypesOf[target] }: ChaosOptions): readonly FaultType[] {
  const here = faultTypesOf[target];
  const other = faults.find((type) => !here.includes(type));
  if (other === undefined) return faults;
  const where = target === 'local' ? 'on this machine (--target kubernetes has it)' : 'on Kubernetes';
  throw new Error(`there is no ${other} ${where}; there are ${here.join(', ')}`);
}

function platformOf({ target, port, namespace, release, ...own }: ChaosOptions): Platform {
  if (target === 'kubernetes') return { type: 'kubernetes', namespace, release };
  if (port !== undefined) return { type: 'running', port };
  const { replicas, coordinatorShards, inventoryShards } = own;
  return { type: 'own', replicas, coordinatorShards, inventoryShards };
}

function describePlatform(platform: Platform): string {
  switch (platform.type) {
    case 'own':
      return 'starting a platform';
    case 'running':
      return `the platform on port ${platform.port}`;
    case 'kubernetes':
      return `the release ${platform.release} in namespace ${platform.namespace}`;
  }
}

async function openGround(platform: Platform, options: ChaosOptions & Faults, screen: Screen): Promise<Ground> {
  switch (platform.type) {
    case 'own':
      return startOwn({ ...platform, faults: options.faults });
    case 'running':
      return takePlatform(platform.port);
    case 'kubernetes': {
      const { takeRelease } = await import('./kubernetes/ground.ts');
      const release = { namespace: platform.namespace, name: platform.release };
      return takeRelease(release, { faults: options.faults, url: options.url, say: screen.say });
    }
  }
}

interface Faults {
  readonly faults: readonly FaultType[];
}

/** All of it, though the process ends right afterwards. */
function print(text: string): Promise<unknown> {
  return new Promise((resolve) => process.stdout.write(text, resolve));
}

async function run(
  ground: Ground,
  platform: Platform,
  options: ChaosOptions & Faults & { seed: number },
  screen: Screen,
  signal: AbortSignal,
): Promise<Report> {
  const { missing, deaths } = ground;
  const { seed, duration, every, settled, rate, mode } = options;
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
