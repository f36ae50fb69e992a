// The platform itself: PostgreSQL and all processes of the services, registered as a run of this process.
import { openApi } from '../api.ts';
import { clearDeadRuns } from '../run/clear.ts';
import { beginRun, type OwnRun } from '../run/own.ts';
import { type Databases, startDatabases } from './database.ts';
import type { Emit } from './events.ts';
import type { Level } from './logs.ts';
import { demandPort } from './ports.ts';
import { placeSamples } from './sample.ts';
import type { ShardCounts } from './services.ts';
import { seed } from './shop.ts';
import type { Supervisor } from './supervisor.ts';
import { directWiring, type Wiring } from './wiring.ts';

export interface PlatformOptions {
  /** Of REST; gRPC is one above. */
  readonly port: number;
  readonly replicas: number;
  readonly shards?: ShardCounts;
  /** Where data is kept; a temporary directory without it. */
  readonly data?: string;
  /** Log entries from this level up are emitted. */
  readonly logLevel: Level;
  readonly emit: Emit;
  /** Called with the directory of the run before anything is put there. */
  prepare?(directory: string): void;
  /** Of a run in that directory; without it all talk straight to each other. */
  wire?(directory: string): Wiring;
}

export interface Platform {
  readonly run: OwnRun;
  /**
   * Opens the shop, stocked, as soon as every service is there, and places the sample orders; then starts the other
   * replicas. Whether all orders were confirmed.
   */
  open(): Promise<boolean>;
  /** Prepares the data directory of the next run on temporary data, when there is nothing better to do. */
  makeSpare(): void;
  /** Ends the process of a replica such as order-1 as a rolling update does, and starts another one. Fulfilled when it has ended. */
  restart(replica: string): Promise<void>;
  /** In order, and the run is forgotten. */
  stop(): Promise<void>;
  /** Ends all processes of the services on the spot. */
  kill(): void;
}

/** Clears what killed runs have left, and begins to start everything. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { port, replicas, shards = {}, data, emit } = options;
  for (const cleared of await clearDeadRuns(data)) emit({ type: 'cleared', ...cleared });
  await Promise.all([demandPort(port), demandPort(port + 1)]);
  const run = beginRun(data, { http_port: port, grpc_port: port + 1, replicas });
  try {
    options.prepare?.(run.record.directory);
  } catch (error) {
    run.end();
    throw error;
  }
  let supervisor: Supervisor | undefined;
  let spare: Promise<void> | undefined;
  const databases = startDatabases({
    ...run.record,
    shards,
    onDeath: (restartIn_ms) => emit({ type: 'died', replica: 'postgres', cause: 'is gone', restartIn_ms }),
  });
  // Who waits for it hears of its failure; until then it is no accident.
  databases.catch(() => {});
  const stop = async () => {
    await Promise.all([supervisor?.stop(), spare]);
    await (await databases.catch(() => undefined))?.stop();
    run.end();
  };
  try {
    const launched = await launch(run, databases, options);
    supervisor = launched;
    return {
      run,
      open: () => open(run, launched, databases, emit),
      makeSpare() {
        spare = databases.then((started) => started.makeSpare()).catch(() => {});
      },
      restart: launched.restart,
      stop,
      kill: launched.kill,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What it takes to supervise is loaded while PostgreSQL starts. */
async function launch(
  run: OwnRun,
  databases: Promise<Databases>,
  { logLevel, emit, wire = directWiring }: PlatformOptions,
): Promise<Supervisor> {
  const { supervise } = await import('./supervisor.ts');
  const urls = databases.then((started) => started.urls);
  urls.catch(() => {});
  return supervise({
    ...run.record,
    wiring: wire(run.record.directory),
    databases: urls,
    logLevel,
    emit,
    onProcesses: (processes) => run.update({ processes }),
  });
}

async function open(run: OwnRun, supervisor: Supervisor, databases: Promise<Databases>, emit: Emit): Promise<boolean> {
  const first = supervisor.startFirst();
  const { adminUrl, urls } = await Promise.race([databases, first.then(() => databases)]);
  emit({ type: 'postgres', port: Number(new URL(adminUrl).port) });
  run.update({ adminUrl, databases: urls });
  await first;
  const { http_port, grpc_port, directory, temporary, replicas } = run.record;
  const url = `http://127.0.0.1:${http_port}`;
  const api = openApi(url);
  await seed(api);
  run.update({ ready: true });
  const rest = { rest: `${url}/v1`, grpc: `127.0.0.1:${grpc_port}`, directory, temporary, replicas, pid: process.pid };
  emit({ type: 'ready', seconds: performance.now() / 1000, ...rest });
  let good = true;
  await placeSamples(api, (order) => {
    good &&= order.status === 'CONFIRMED';
    emit({ type: 'order', ...order });
  });
  await supervisor.startRest();
  emit({ type: 'complete', seconds: performance.now() / 1000, processes: run.record.processes.length });
  return good;
}
