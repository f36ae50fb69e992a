import type { Database, DatabaseOptions, Migrations } from '@assent/postgres';
import type { Service } from '@assent/protos';
import type { Client, ConnectOptions, RpcService } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { ServiceConfig } from './config.ts';

/** What a service is started with. */
export interface ServiceContext {
  readonly log: Logger;
  /** A client of another service, found by its name in discovery; closed at the end. */
  connect<H>(service: Service<H>, name: string, options?: Omit<ConnectOptions, 'target'>): Client<H>;
  /** A pool on DATABASE_URL; closed at the end. */
  database(options?: Partial<DatabaseOptions>): Database;
}

/** What a service has started. */
export interface Started {
  readonly services: readonly RpcService[];
  /** Before calls are drained: stop taking up work. */
  beforeDrain?(): Promise<void>;
  /** When the last call has ended. */
  afterDrain?(): Promise<void>;
}

export interface ServiceOptions<C extends ServiceConfig> {
  readonly name: string;
  readonly config: C;
  readonly migrations?: readonly Migrations[];
  start(context: ServiceContext): Promise<Started>;
}

/** Runs a service from its start to its end, which a signal brings; then the process exits. */
export function runService<C extends ServiceConfig>(_options: ServiceOptions<C>): Promise<void> {
  throw new Error('to be written');
}
