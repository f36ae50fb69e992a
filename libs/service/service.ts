import { setTimeout as sleep } from 'node:timers/promises';
import { allowFailpoints } from '@assent/failpoints';
import type { Elected, Singleton } from '@assent/lease';
import { type Migrations, migrate, reignMigrations } from '@assent/postgres';
import {
  type HealthServer,
  type Limits,
  openTls,
  type RpcServer,
  type RpcService,
  type ServerTls,
  serve,
  serveHealth,
  type Tls,
} from '@assent/rpc';
import { createLogger, type Logger, startTelemetry, type Telemetry } from '@assent/telemetry';
import { concurrencyOf, type ServiceConfig } from './config.ts';
import { mapError } from './errors.ts';
import { reportHealth } from './health.ts';
import { openResources, type Resources, required } from './resources.ts';
import { openSingleton } from './singleton.ts';
import { leaveWord, stopRequested, within } from './stop.ts';
import { version } from './version.ts';
import { whenReachable } from './waiting.ts';
import { findZone } from './zone.ts';

/** What a service is started with. Clients find services by their name in discovery; clients and pools are closed at the end. */
export interface ServiceContext extends Pick<Resources, 'connect' | 'database'> {
  readonly log: Logger;
  /** For work that one replica is enough for. */
  readonly singleton: Singleton;
  /** For calls that `connect` isn't for: to one replica, by its address. */
  readonly tls: Tls | undefined;
}

/** What a service has started. */
export interface Started {
  readonly services: readonly RpcService[];
  /** Instead of the TLS that services speak among themselves: null is plain text. */
  readonly tls?: ServerTls | null;
  /** It has said NOT_SERVING, and goes on for DRAIN_DELAY_MS: ask callers to leave. */
  leave?(): void;
  /** Before calls are drained: stop taking up work. */
  beforeDrain?(): Promise<void>;
  /** When the last call has ended. */
  afterDrain?(): Promise<void>;
}

export interface ServiceOptions<C extends ServiceConfig> {
  readonly name: string;
  readonly config: C;
  /** Of each of its databases. */
  readonly migrations?: readonly Migrations[];
  /** The URLs of its databases, when it has several; DATABASE_URL alone without it. */
  readonly databaseUrls?: readonly string[];
  start(context: ServiceContext): Promise<Started>;
}

interface Running {
  readonly telemetry: Telemetry;
  readonly resources: Resources;
  readonly elected: Elected;
  readonly started: Started;
  readonly server: RpcServer;
  /** Tells all who ask whether it can serve. */
  setServing(serving: boolean): void;
  readonly health: AbortController;
  readonly healthServer: HealthServer | undefined;
  readonly metrics: { close(): void } | undefined;
}

/**
 * Runs a service from its start to the end of its process, which a signal or the death of its supervisor brings about:
 * migrations, `start`, serving; then NOT_SERVING, draining, exit. A supervisor with an IPC channel is told
 * `{ type: 'serving', port }`.
 */
export async function runService<C extends ServiceConfig>(options: ServiceOptions<C>): Promise<void> {
  const log = createLogger({ service: options.name, level: options.config.LOG_LEVEL });
  const crash = (message: string) => (error: unknown) => {
    const reason = `${message}: ${error instanceof Error ? error.message : error}`;
    log.fatal({ err: error }, reason);
    leaveWord(options.config.TERMINATION_LOG, reason);
    process.exit(1);
  };
  process.on('uncaughtException', crash('unexpected error'));
  const stop = stopRequested();
  const { FAILPOINTS: failpoints, NODE_ENV: environment } = options.config;
  if (failpoints) allowFailpoints(failpoints, { production: environment === 'production', log });
  const stopped = new AbortController();
  void stop.then((reason) => stopped.abort(reason));
  const running = await startUp(options, log, stopped.signal).catch((error: unknown) => {
    if (error !== stopped.signal.reason) return crash('cannot start')(error);
    log.info({ reason: error }, 'stopped before it could start');
    process.exit(0);
  });
  const reason = await stop;
  log.info({ reason }, 'draining');
  const isClean = await shutDown(running, options.config, log);
  log.info('stopped');
  process.exit(isClean ? 0 : 1);
}

async function startUp<C extends ServiceConfig>(
  options: ServiceOptions<C>,
  log: Logger,
  stopped: AbortSignal,
): Promise<Running> {
  const { name, config, migrations = [] } = options;
  const { HOST: host, PORT: port, HEALTH_PORT: healthPort } = config;
  const healthServer = healthPort === 0 ? undefined : await serveHealth(host, healthPort);
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const telemetry = await startTelemetry({ service: name, ...(endpoint && { endpoint }) });
  const tls = await openServiceTls(name, config, log);
  if (migrations.length > 0) {
    const urls = options.databaseUrls ?? [required(config, 'DATABASE_URL')];
    const all = [...migrations, reignMigrations];
    await Promise.all(urls.map((url) => whenReachable(url, () => migrate(url, all, version), log, stopped)));
  }
  const zone = await findZone(name, config, log, stopped);
  const resources = openResources(name, config, { tls, zone });
  const elected = openSingleton(config, log);
  const { singleton } = elected;
  const started = await options.start({
    log,
    connect: resources.connect,
    database: resources.database,
    singleton,
    tls,
  });
  const server = await serve({
    host,
    port,
    services: started.services,
    log,
    limits: limitsOf(config),
    tls: started.tls === undefined ? tls?.server : (started.tls ?? undefined),
    mapError,
  });
  const names = started.services.map(({ service }) => service.name);
  const setServing = (serving: boolean) => {
    server.setServing(serving);
    healthServer?.set(['', ...names], serving);
  };
  const health = new AbortController();
  await reportHealth((serving) => setServing(serving && !stopped.aborted), options, log, health.signal);
  log.info({ port: server.port, startup_ms: Math.round(performance.now()) }, 'serving');
  process.send?.({ type: 'serving', port: server.port });
  // What it takes to show them is loaded when nobody waits any more.
  const metrics = await startMetrics(config);
  return { telemetry, resources, elected, started, server, setServing, health, healthServer, metrics };
}

async function openServiceTls(service: string, config: ServiceConfig, log: Logger): Promise<Tls | undefined> {
  const { TLS_DIRECTORY: directory, TLS_IDENTITY: identity } = config;
  return directory === undefined ? undefined : openTls({ directory, identity, service, log });
}

function limitsOf(config: ServiceConfig): Limits {
  return {
    concurrency: concurrencyOf(config),
    maxConnections: config.GRPC_MAX_CONNECTIONS,
    maxConnectionAge_ms: config.GRPC_CONNECTION_AGE_MS,
  };
}

async function startMetrics({ HOST: host, METRICS_PORT: port }: ServiceConfig) {
  if (port === 0) return undefined;
  const { serveMetrics } = await import('@assent/telemetry/scrape');
  return serveMetrics({ host, port });
}

/** Everything in its order, whatever fails on the way; whether nothing did. */
async function shutDown(running: Running, config: ServiceConfig, log: Logger): Promise<boolean> {
  const { telemetry, resources, elected, started, server, metrics } = running;
  let isClean = true;
  const step = async (name: string, work: () => Promise<unknown> | undefined) => {
    try {
      await within(config.DRAIN_TIMEOUT_MS + 5000, Promise.resolve(work()));
    } catch (error) {
      isClean = false;
      log.error({ err: error }, `while stopping: ${name}`);
    }
  };
  running.health.abort();
  running.setServing(false);
  started.leave?.();
  await sleep(config.DRAIN_DELAY_MS);
  await step('letting others take over', () => elected.close());
  await step('before draining', () => started.beforeDrain?.());
  await step('draining', () => server.drain(config.DRAIN_TIMEOUT_MS));
  await step('after draining', () => started.afterDrain?.());
  metrics?.close();
  await step('closing connections', () => resources.close());
  await step('sending traces', () => telemetry.shutdown());
  running.healthServer?.close();
  return isClean;
}
