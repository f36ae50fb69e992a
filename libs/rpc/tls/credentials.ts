// Certificates that may be replaced, for grpc-js. Its own FileWatcherCertificateProvider reads the three files one by one, so that
// it can take a key for another certificate, and drops connections while it can't read them.
import { type ChannelCredentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import type { Certificates } from './certificates.ts';
import type { Keeper } from './keeper.ts';

const HANDSHAKE_MS = 10_000;

/** New connections see the certificates that there are then. With `mutual` only those are let in who have one of the authority. */
export function serverCredentials(keeper: Keeper, { mutual }: { readonly mutual: boolean }): ServerCredentials {
  return new Kept(keeper, mutual);
}

class Kept extends ServerCredentials {
  constructor(keeper: Keeper, mutual: boolean) {
    // Both ends of a mutual connection are ours.
    const minVersion = mutual ? 'TLSv1.3' : 'TLSv1.2';
    const options = ({ cert, key, ca }: Certificates) => ({ cert, key, minVersion, ...(ca && { ca }) }) as const;
    const peers = { requestCert: mutual, rejectUnauthorized: mutual };
    super({ ...peers, handshakeTimeout: HANDSHAKE_MS }, options(keeper.current()));
    keeper.watch((certificates) => this.updateSecureContextOptions(options(certificates)));
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
