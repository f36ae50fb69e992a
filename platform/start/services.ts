import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inheritedEnvironment, operatorTokens, repository } from '../config.ts';
import type { Wiring } from './wiring.ts';

/** The services of the platform, and their databases. */
export const databaseOf = {
  gateway: undefined,
  coordinator: 'transactions',
  order: 'orders',
  inventory: 'inventory',
  payment: 'payments',
} as const;

export type ServiceName = keyof typeof databaseOf;

export const serviceNames = Object.keys(databaseOf) as ServiceName[];
export const databaseNames: readonly string[] = Object.values(databaseOf).filter((name) => name !== undefined);

/** Over how many databases a service's data is spread, where it isn't one. */
export type ShardCounts = Readonly<Partial<Record<ServiceName, number>>>;

/** All databases; a service with several shards has `inventory`, `inventory1`, … */
export function shardedNames(shards: ShardCounts): string[] {
  return serviceNames.flatMap((service) => {
    const database = databaseOf[service];
    return database ? Array.from({ length: shards[service] ?? 1 }, (_, shard) => nameOf(database, shard)) : [];
  });
}

function nameOf(database: string, shard: number): string {
  return shard === 0 ? database : `${database}${shard}`;
}

/** They are stopped one group after the other: first who lets work in, last who does it. */
export const stopOrder: readonly (readonly ServiceName[])[] = [
  ['gateway'],
  ['coordinator'],
  ['order', 'inventory', 'payment'],
];

export interface ServiceSettings {
  readonly wiring: Wiring;
  /** The URLs of the databases, by name, when they are there. */
  readonly databases: Promise<Readonly<Record<string, string>>>;
  readonly http_port: number;
  readonly operatorToken: string;
}

/** A process that is to be: the name of its replica, and its ports of gRPC and of metrics. */
export interface Spawned {
  readonly name: string;
  readonly port: number;
  readonly metricsPort: number;
}

/**
 * Starts a process of a service. It is the leader of a process group, so that Ctrl-C in a terminal reaches the
 * supervisor only, which knows in which order to stop them; by the IPC channel it notices when the supervisor dies.
 */
export function spawnService(service: ServiceName, place: Spawned, settings: ServiceSettings): ChildProcess {
  const { wiring } = settings;
  const preloads = [...wiring.preloads(place.name), pathToFileURL(join(import.meta.dirname, 'preload.ts')).href];
  const main = join(repository, 'services', service, 'main.ts');
  const child = spawn(process.execPath, [...preloads.flatMap((url) => ['--import', url]), main], {
    cwd: repository,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...inheritedEnvironment(),
      HOST: '127.0.0.1',
      PORT: String(place.port),
      METRICS_PORT: String(place.metricsPort),
      HTTP_PORT: String(settings.http_port),
      SERVICE_TARGET: `${pathToFileURL(wiring.endpoints(place.name))}#{service}`,
      ...(service === 'gateway' && { OPERATOR_TOKENS: operatorTokens('local', settings.operatorToken) }),
    },
  });
  void settings.databases
    .then((urls) => wiring.databases(place.name, databaseEnvironment(service, urls)))
    .then(
      (variables) => child.connected && child.send(variables, () => {}),
      () => child.kill(),
    );
  return child;
}

/** What a service waits for. No other process sees it. */
function databaseEnvironment(service: ServiceName, urls: Readonly<Record<string, string>>): Record<string, string> {
  const database = databaseOf[service];
  const own = Object.keys(urls).flatMap((_, shard) => urls[nameOf(database ?? '', shard)] ?? []);
  const [url] = own;
  if (!url) return {};
  return { DATABASE_URL: url, ...(own.length > 1 && { [`${service.toUpperCase()}_DATABASE_URLS`]: own.join() }) };
}
