// Asks another coordinator how far it is with a transaction.
import { CoordinatorService } from '@assent/protos';
import type { BranchProgress } from '@assent/protos/coordinator/v1/BranchProgress.ts';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Call, type Client, type ClientTls, connect } from '@assent/rpc';

export interface Peers {
  /** What the coordinator at an address (host and port) says, undefined when it doesn't in time. */
  ask(address: string, transactionId: string): Promise<BranchProgress[] | undefined>;
  close(): void;
}

const timeout_ms = 500;
const maxClients = 16;
const relayed = 'assent-relayed';

/** @param tls by which a coordinator is known; plain text without it */
export function createPeers(tls?: ClientTls): Peers {
  /** Who was asked last comes last. */
  const clients = new Map<string, Client<CoordinatorServiceHandlers>>();

  function clientOf(address: string): Client<CoordinatorServiceHandlers> {
    const client = clients.get(address) ?? connect(CoordinatorService, { target: address, timeout_ms, tls });
    clients.delete(address);
    clients.set(address, client);
    const [oldest] = clients.keys();
    if (clients.size > maxClients && oldest !== undefined) {
      clients.get(oldest)?.close();
      clients.delete(oldest);
    }
    return client;
  }

  return {
    async ask(address, transactionId) {
      try {
        const metadata = { [relayed]: '1' };
        const { transaction } = await clientOf(address).getTransaction({ transactionId }, { metadata });
        return transaction?.progress;
      } catch {
        return undefined;
      }
    },
    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

/** Whether a peer asks, who is not to be asked in turn. */
export function isRelayed({ metadata }: Call): boolean {
  return metadata.get(relayed).length > 0;
}
