// A small platform of its own for one case after another: two coordinators and two replicas of a participant.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '@assent/postgres';
import { CoordinatorService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Client, connect } from '@assent/rpc';
import { inheritedEnvironment, repository } from '../config.ts';
import { type Endpoint, writeEndpoints } from '../start/endpoints.ts';
import { createReplica, type Replica } from './replica.ts';
import { until } from './until.ts';

export const lease_ms = 500;
const end_ms = 10_000;

export interface WorldOptions {
  /** The URL of a new database. */
  createDatabase(): Promise<string>;
  /** Of the coordinators' log; 1. */
  readonly shards?: 1 | 2;
  /** Of the participant, beside what it needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Coordinator extends Replica {
  /** Throws when it is gone. */
  client(): Client<CoordinatorServiceHandlers>;
  hangUp(): void;
}

export interface World {
  readonly coordinators: readonly [Coordinator, Coordinator];
  readonly participants: readonly [Replica, Replica];
  readonly replicas: readonly Replica[];
  /** The coordinators' database. */
  readonly log: Database;
  /** The participant's. */
  readonly ledger: Database;
  close(): Promise<void>;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-failpoints-'));
  const urls = { coordinator: await options.createDatabase(), ledger: await options.createDatabase() };
  const shardUrls = options.shards === 2 ? [urls.coordinator, await options.createDatabase()] : [urls.coordinator];
  const endpoints = new Map<string, Endpoint>();
  const path = join(directory, 'endpoints.json');
  const environment = {
    ...inheritedEnvironment(),
    SERVICE_TARGET: `file://${path}#{service}`,
    LOG_LEVEL: 'info',
    DATABASE_POOL_SIZE: '6',
  };
  const files = {
    coordinator: join(repository, 'services/coordinator/main.ts'),
    ledger: join(repository, 'platform/failpoints/participant/main.ts'),
  };
  const additions = {
    coordinator: { PARTICIPANTS: 'ledger', LEASE_MS: `${lease_ms}`, COORDINATOR_DATABASE_URLS: shardUrls.join() },
    ledger: options.environment ?? {},
  };

  function replica(service: 'coordinator' | 'ledger', name: string): Replica {
    return createReplica({
      name,
      file: files[service],
      environment: { ...environment, DATABASE_URL: urls[service], ...additions[service] },
      onPort(port) {
        if (port === undefined) endpoints.delete(name);
        else endpoints.set(name, { name, service, port, ready: true, serving: true, terminating: false });
        writeEndpoints(path, [...endpoints.values()]);
      },
    });
  }

  writeEndpoints(path, []);
  const coordinators = [callable(replica('coordinator', 'A')), callable(replica('coordinator', 'B'))] as const;
  const participants = [replica('ledger', 'P'), replica('ledger', 'Q')] as const;
  const replicas = [...coordinators, ...participants];
  const log = openDatabase({ url: urls.coordinator, name: 'matrix', size: 2 });
  const ledger = openDatabase({ url: urls.ledger, name: 'matrix', size: 2 });
  const killAll = () => {
    for (const one of replicas) one.kill();
  };
  // A process that stands still would never notice that it is alone.
  process.once('exit', killAll);

  async function close(): Promise<void> {
    process.off('exit', killAll);
    killAll();
    for (const one of coordinators) one.hangUp();
    await until(end_ms, () => replicas.every((one) => one.isGone()));
    await Promise.all([log.close(), ledger.close()]);
    rmSync(directory, { recursive: true, force: true });
  }

  try {
    await Promise.all(replicas.map((one) => one.mend()));
  } catch (error) {
    await close();
    throw error;
  }
  return { coordinators, participants, replicas, log, ledger, close };
}

function callable(replica: Replica): Coordinator {
  let client: { readonly port: number; readonly calls: Client<CoordinatorServiceHandlers> } | undefined;
  return {
    ...replica,
    client() {
      const port = replica.port();
      if (port === undefined) throw new Error(`${replica.name} is gone`);
      if (client?.port !== port) {
        client?.calls.close();
        client = { port, calls: connect(CoordinatorService, { target: `127.0.0.1:${port}` }) };
      }
      return client.calls;
    },
    hangUp: () => client?.calls.close(),
  };
}
