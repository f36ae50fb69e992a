import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect, createServer, type TLSSocket } from 'node:tls';

const TIMEOUT_MS = 10_000;

/** What one needs to call by TLS and to be called. */
export interface Party {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
  /** Of the server. */
  readonly name: string;
}

/** Connects to oneself in memory. Throws what OpenSSL finds wrong with the certificate, be it of a server or of a client. */
export async function shakeHands({ cert, key, ca, name }: Party): Promise<void> {
  const [near, far] = duplexPair();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false });
  const accepted = once(server, 'secureConnection', { signal }) as Promise<[TLSSocket]>;
  const client = connect({ socket: near, cert, key, ca, servername: name });
  try {
    server.emit('connection', far);
    const [[caller]] = await Promise.all([accepted, once(client, 'secureConnect', { signal })]);
    if (!caller.authorized) throw new Error(`${caller.authorizationError}`);
  } finally {
    accepted.catch(() => {});
    client.on('error', () => {}).destroy();
    far.destroy();
  }
}
