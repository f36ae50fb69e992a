// Calls between services by mutual TLS: each has a certificate for a DNS name that says which service it is.
import type { TlsOptions, Server as TlsServer } from 'node:tls';
import type { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { clientCredentials, contextOf, serverCredentials, serverSettings } from './credentials.ts';
import { createGuards, type Guards } from './guard.ts';
import { type KeeperOptions, keepCertificates } from './keeper.ts';

export interface ServerTls {
  readonly credentials: ServerCredentials;
  /** Who may call what; everybody everything without it. */
  readonly guards?: Guards;
}

export interface ClientTls {
  readonly credentials: ChannelCredentials;
  /** The DNS name that the server's certificate must be for, wherever it was found. */
  readonly name: string;
}

export interface Tls {
  readonly server: ServerTls;
  /** For calls to that service. */
  client(service: string): ClientTls;
  /** Stops looking for new certificates. */
  close(): void;
}

export interface OpenOptions extends Pick<KeeperOptions, 'directory' | 'log' | 'reload_ms'> {
  /** The DNS name of each service, with {service} for what it is called: `shop-{service}.default.svc`. */
  readonly identity: string;
  /** What this one is called. */
  readonly service: string;
}

/** Fails when the certificates in the directory are missing, expired, for another name, or wouldn't be believed. */
export async function openTls({ identity, service, ...options }: OpenOptions): Promise<Tls> {
  const nameOf = (one: string) => identity.replaceAll('{service}', one);
  const keeper = await keepCertificates({ ...options, name: nameOf(service) });
  const credentials = clientCredentials(keeper);
  return {
    server: { credentials: serverCredentials(keeper), guards: createGuards(nameOf) },
    client: (peer) => ({ credentials, name: nameOf(peer) }),
    close: keeper.close,
  };
}

/** Of the server that the world sees: it shows a certificate, and asks for none. */
export interface EdgeTls {
  readonly server: ServerTls;
  /** What an HTTPS server of Node's begins with. */
  readonly https: TlsOptions;
  /** Gives an HTTPS server the certificates that come later. */
  renew(server: Pick<TlsServer, 'setSecureContext'>): void;
  /** Stops looking for new certificates. */
  close(): void;
}

/** Fails when the certificate in the directory is missing, or has expired. */
export async function openEdgeTls(options: Pick<KeeperOptions, 'directory' | 'log' | 'reload_ms'>): Promise<EdgeTls> {
  const keeper = await keepCertificates(options);
  return {
    server: { credentials: serverCredentials(keeper) },
    https: { ...serverSettings, ...contextOf(keeper.current()) },
    renew: (server) => void keeper.watch((certificates) => server.setSecureContext(contextOf(certificates))),
    close: keeper.close,
  };
}
