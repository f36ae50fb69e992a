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
import { type Supervisor, supervise } from './supervisor.ts';

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
  let databases: Databases | undefined;
  const over = awaitInterruption(() => supervisor?.kill());
  const run = await begin(options, emit);
  const stop = async () => {
    await supervisor?.stop();
    await databases?.stop();
    run.end();
  };
  let code = 0;
  try {
    databases = await startDatabases({
      ...run.record,
      onDeath: (restartIn_ms) => emit({ type: 'died', replica: 'postgres', cause: 'is gone', restartIn_ms }),
    });
    if (!over.aborted) {
      supervisor = launch(run, databases, options, emit);
      const good = await Promise.race([open(run, supervisor, emit), aborted(over)]);
      if (!options.once) await aborted(over);
      else if (!good) code = 1;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const begun_ms = performance.now();
  emit({ type: 'stopping', cause: over.aborted ? String(over.reason) : 'all is done' });
  await stop();
  emit({ type: 'stopped', seconds: (performance.now() - begun_ms) / 1000 });
  return code;
}

async function begin({ data, port, replicas }: StartOptions, emit: Emit): Promise<OwnRun> {
  for (const cleared of await clearDeadRuns(data)) emit({ type: 'cleared', ...cleared });
  await Promise.all([demandPort(port), demandPort(port + 1)]);
  return beginRun(data, { http_port: port, grpc_port: port + 1, replicas });
}

function launch(run: OwnRun, databases: Databases, { verbose }: StartOptions, emit: Emit): Supervisor {
  emit({ type: 'postgres', port: Number(new URL(databases.adminUrl).port) });
  run.update({ adminUrl: databases.adminUrl, databases: databases.urls });
  return supervise({
    ...run.record,
    endpoints: join(run.record.directory, 'endpoints.json'),
    logLevel: verbose ? 'debug' : 'warn',
    emit,
    onProcesses: (processes) => run.update({ processes }),
  });
}

/** Fills the shop once everything is up, opens it, and places the sample orders. Whether all were confirmed. */
async function open(run: OwnRun, supervisor: Supervisor, emit: Emit): Promise<boolean> {
  const { http_port, grpc_port, directory, temporary, replicas } = run.record;
  const url = `http://127.0.0.1:${http_port}`;
  const api = openApi(url);
  await supervisor.ready;
  await seed(api);
  run.update({ ready: true });
  emit({
    type: 'ready',
    seconds: performance.now() / 1000,
    rest: `${url}/v1`,
    grpc: `127.0.0.1:${grpc_port}`,
    directory,
    temporary,
    replicas,
    pid: process.pid,
  });
  let good = true;
  await placeSamples(api, (order) => {
    good &&= order.status === 'CONFIRMED';
    emit({ type: 'order', ...order });
  });
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
