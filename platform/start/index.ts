import { join } from 'node:path';
import { openApi } from '../api.ts';
import { clearDeadRuns } from '../run/clear.ts';
import { beginRun, type OwnRun } from '../run/own.ts';
import { type Databases, startDatabases } from './database.ts';
import type { Emit, Event } from './events.ts';
import { aborted, awaitInterruption } from './interrupt.ts';
import { demandPort } from './ports.ts';
import { placeSamples } from './sample.ts';
import { describe } from './screen.ts';
import { seed } from './shop.ts';
import type { Supervisor } from './supervisor.ts';

export interface StartOptions {
  /** Of REST; gRPC is one above. */
  readonly port: number;
  readonly replicas: number;
  /** Where data is kept; a temporary directory without it. */
  readonly data?: string;
  /** To stop after the sample orders. */
  readonly once: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Runs the platform until it is interrupted, and says how it goes. Returns the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const emit = printer(options);
  let supervisor: Supervisor | undefined;
  const over = awaitInterruption(() => supervisor?.kill());
  const run = await begin(options, emit);
  const databases = startDatabases({
    ...run.record,
    onDeath: (restartIn_ms) => emit({ type: 'died', replica: 'postgres', cause: 'is gone', restartIn_ms }),
  });
  // Who waits for it hears of its failure; until then it is no accident.
  databases.catch(() => {});
  let spare: Promise<void> | undefined;
  const stop = async () => {
    await Promise.all([supervisor?.stop(), spare]);
    await (await databases.catch(() => undefined))?.stop();
    run.end();
  };
  let good = false;
  try {
    supervisor = await launch(run, databases, options, emit);
    const opened = open(run, supervisor, databases, emit);
    opened.catch(() => {});
    good = (await Promise.race([opened, aborted(over)])) === true;
    if (good && run.record.temporary) spare = (await databases).makeSpare().catch(() => {});
    if (!options.once) await aborted(over);
  } catch (error) {
    await stop();
    throw error;
  }
  const begun_ms = performance.now();
  emit({ type: 'stopping', cause: over.aborted ? String(over.reason) : 'all is done' });
  await stop();
  emit({ type: 'stopped', seconds: (performance.now() - begun_ms) / 1000 });
  return options.once && !good ? 1 : 0;
}

async function begin({ data, port, replicas }: StartOptions, emit: Emit): Promise<OwnRun> {
  for (const cleared of await clearDeadRuns(data)) emit({ type: 'cleared', ...cleared });
  await Promise.all([demandPort(port), demandPort(port + 1)]);
  return beginRun(data, { http_port: port, grpc_port: port + 1, replicas });
}

/** What it takes to supervise is loaded while PostgreSQL starts. */
async function launch(
  run: OwnRun,
  databases: Promise<Databases>,
  { verbose }: StartOptions,
  emit: Emit,
): Promise<Supervisor> {
  const { supervise } = await import('./supervisor.ts');
  const urls = databases.then((started) => started.urls);
  urls.catch(() => {});
  return supervise({
    ...run.record,
    endpoints: join(run.record.directory, 'endpoints.json'),
    databases: urls,
    logLevel: verbose ? 'debug' : 'warn',
    emit,
    onProcesses: (processes) => run.update({ processes }),
  });
}

/**
 * Opens the shop, stocked, as soon as every service is there, and places the sample orders; then starts the other
 * replicas. Whether all orders were confirmed.
 */
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

/** With --json each event is one document on stdout, with the time since this process began. */
function printer({ json, verbose }: StartOptions): Emit {
  // The terminal may be closed, or a pipe's reader gone, before everything is stopped.
  process.stdout.on('error', () => {});
  const text = (event: Event) =>
    json ? JSON.stringify({ ...event, at_ms: Math.round(performance.now()) }) : describe(event, verbose);
  return (event) => {
    const line = text(event);
    if (line !== undefined) process.stdout.write(`${line}\n`);
  };
}
