import { type Database, type DatabaseOptions, openDatabase } from '@assent/postgres';
import type { Service } from '@assent/protos';
import { type Client, type ConnectOptions, connect, serviceTarget, type Tls } from '@assent/rpc';
import type { ServiceConfig } from './config.ts';
import { watchPools } from './pools.ts';

/** What a service has opened and must close. */
export interface Resources {
  connect<H>(service: Service<H>, name: string, options?: Omit<ConnectOptions, 'target'>): Client<H>;
  /** DATABASE_URL, unless the options say otherwise. */
  database(options?: Partial<DatabaseOptions>): Database;
  /** Drops the clients' connections, and closes the pools when what runs on them has ended. */
  close(): Promise<void>;
}

/** What a service knows of itself. */
export interface Self {
  /** Closed with the rest. */
  readonly tls: Tls | undefined;
  readonly zone: string | undefined;
}

export function openResources(name: string, config: ServiceConfig, { tls, zone }: Self): Resources {
  const place = { subset: config.SUBSET_SIZE, ...(zone && { zone }) };
  const clients: { close(): void }[] = [];
  /** By what they are for. */
  const databases = new Map<Database, string>();
  const unwatch = watchPools(databases);
  return {
    connect(service, peer, options) {
      const target = serviceTarget(required(config, 'SERVICE_TARGET'), peer);
      const client = connect(service, { ...place, eager: true, ...options, target, tls: tls?.client(peer) });
      clients.push(client);
      return client;
    },
    database(options) {
      const url = options?.url ?? required(config, 'DATABASE_URL');
      const database = openDatabase({ name, size: config.DATABASE_POOL_SIZE, ...options, url });
      databases.set(database, options?.name ?? name);
      return database;
    },
    async close() {
      unwatch();
      for (const client of clients) client.close();
      tls?.close();
      await Promise.all([...databases.keys()].map((database) => database.close()));
    },
  };
}

/** A variable that not every service needs. */
export function required(config: ServiceConfig, variable: 'DATABASE_URL' | 'SERVICE_TARGET'): string {
  const value = config[variable];
  if (value === undefined) throw new Error(`${variable} is not set`);
  return value;
}
