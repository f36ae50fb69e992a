import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inheritedEnvironment, repository } from '../config.ts';

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

/** They are stopped one group after the other: first who lets work in, last who does it. */
export const stopOrder: readonly (readonly ServiceName[])[] = [
  ['gateway'],
  ['coordinator'],
  ['order', 'inventory', 'payment'],
];

export interface ServiceSettings {
  /** The file of endpoints, by which services find each other. */
  readonly endpoints: string;
  /** The URLs of the databases, by name, when they are there. */
  readonly databases: Promise<Readonly<Record<string, string>>>;
  readonly http_port: number;
}

/**
 * Starts a process of a service. It is the leader of a process group, so that Ctrl-C in a terminal reaches the
 * supervisor only, which knows in which order to stop them; by the IPC channel it notices when the supervisor dies.
 */
export function spawnService(service: ServiceName, port: number, settings: ServiceSettings): ChildProcess {
  const preload = pathToFileURL(join(import.meta.dirname, 'preload.ts')).href;
  const child = spawn(process.execPath, ['--import', preload, join(repository, 'services', service, 'main.ts')], {
    cwd: repository,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...inheritedEnvironment(),
      HOST: '127.0.0.1',
      PORT: String(port),
      HTTP_PORT: String(settings.http_port),
      SERVICE_TARGET: `${pathToFileURL(settings.endpoints)}#{service}`,
    },
  });
  void settings.databases.then(
    (urls) => child.connected && child.send(databaseEnvironment(service, urls), () => {}),
    () => child.kill(),
  );
  return child;
}

/** What a service waits for. No other process sees it. */
function databaseEnvironment(service: ServiceName, urls: Readonly<Record<string, string>>): Record<string, string> {
  const database = databaseOf[service];
  const url = database && urls[database];
  return url ? { DATABASE_URL: url } : {};
}
