// Certificates that may be replaced, for grpc-js. Its own FileWatcherCertificateProvider reads the three files one by one, so that
// it can take a key for another certificate, and drops connections while it can't read them.
import type { SecureContextOptions } from 'node:tls';
import { type ChannelCredentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import type { Certificates } from './certificates.ts';
import type { Keeper } from './keeper.ts';

/** What new connections to a server see. With an authority they must have a certificate of it. */
export function contextOf({ cert, key, ca }: Certificates): SecureContextOptions {
  // Both ends of a mutual connection are ours.
  return ca ? { cert, key, ca, minVersion: 'TLSv1.3' } : { cert, key, minVersion: 'TLSv1.2' };
}

export const serverSettings = { handshakeTimeout: 10_000 };

/** New connections see the certificates that there are then. */
export function serverCredentials(keeper: Keeper): ServerCredentials {
  return new KeptCredentials(keeper);
}

class KeptCredentials extends ServerCredentials {
  constructor(keeper: Keeper) {
    const isMutual = keeper.current().ca !== undefined;
    const settings = { ...serverSettings, requestCert: isMutual, rejectUnauthorized: isMutual };
    super(settings, contextOf(keeper.current()));
    keeper.watch((certificates) => this.updateSecureContextOptions(contextOf(certificates)));
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** Shows the service's own certificate, and takes servers of the authority only. */
export function clientCredentials(keeper: Keeper): ChannelCredentials {
  const authority = announcing(keeper, ({ ca }) => (ca ? { caCertificate: ca } : null));
  const identity = announcing(keeper, ({ cert, key }) => ({ certificate: cert, privateKey: key }));
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: authority.add,
    removeCaCertificateListener: authority.remove,
    addIdentityCertificateListener: identity.add,
    removeIdentityCertificateListener: identity.remove,
  };
  return experimental.createCertificateProviderChannelCredentials(provider, provider);
}

/** Tells listeners at once, and at every change. */
function announcing<T>(keeper: Keeper, part: (certificates: Certificates) => T) {
  const ends = new Map<(update: T) => void, () => void>();
  return {
    add(listener: (update: T) => void) {
      ends.set(
        listener,
        keeper.watch((certificates) => listener(part(certificates))),
      );
      listener(part(keeper.current()));
    },
    remove(listener: (update: T) => void) {
      ends.get(listener)?.();
      ends.delete(listener);
    },
  };
}
