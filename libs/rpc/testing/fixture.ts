// What the tests of this package share: an inventory and a participant that do what a test says, and a log to look at.
import { InventoryService, ParticipantService } from '@assent/protos';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Logger } from '@assent/telemetry';
import { connect } from '../client.ts';
import type { Client, Implementation } from '../methods.ts';
import { implement, type RpcServer, type ServeOptions, serve } from '../server.ts';

type Inventory = Implementation<InventoryServiceHandlers>;
type Participant = Implementation<ParticipantServiceHandlers>;

export interface Logged {
  readonly err: unknown;
  readonly method: string;
}

/** Collects what is logged as an error. */
export function errorLog(): { readonly log: Logger; readonly logged: Logged[] } {
  const logged: Logged[] = [];
  return { log: { error: (entry: Logged) => logged.push(entry) } as unknown as Logger, logged };
}

export interface Fixture {
  readonly server: RpcServer;
  readonly target: string;
  readonly inventory: Client<InventoryServiceHandlers>;
  readonly participant: Client<ParticipantServiceHandlers>;
  readonly logged: readonly Logged[];
  close(): void;
}

/** A server of those functions and its clients. */
export async function startFixture(
  functions: Partial<Inventory & Participant>,
  options: Partial<ServeOptions> = {},
): Promise<Fixture> {
  const { log, logged } = errorLog();
  const services = [
    implement(InventoryService, functions as Inventory),
    implement(ParticipantService, functions as Participant),
  ];
  const server = await serve({ host: '127.0.0.1', port: 0, services, log, ...options });
  const target = `127.0.0.1:${server.port}`;
  const inventory = connect(InventoryService, { target });
  const participant = connect(ParticipantService, { target });
  const close = () => {
    inventory.close();
    participant.close();
    server.close();
  };
  return { server, target, inventory, participant, logged, close };
}

/** A promise to settle by hand. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
