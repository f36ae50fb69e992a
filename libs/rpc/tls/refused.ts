// Who has no certificate of the authority doesn't get as far as to make a call.
import type { TLSSocket } from 'node:tls';
import { counter, type Logger } from '@assent/telemetry';
import type { Server } from '@grpc/grpc-js';
import { http2Servers } from '../sessions.ts';
import { createReminder } from './reminder.ts';

const refused = counter(
  'assent_tls_refused_connections_total',
  'Connections that ended before a call, for want of a certificate that is believed.',
  [],
);

/** Counts them, and logs one a minute at most. */
export function watchHandshakes(server: Server, log: Logger): void {
  const remind = createReminder();
  for (const http2 of http2Servers(server)) {
    http2.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      refused.inc();
      remind((connections) => {
        const reason = socket.authorizationError ?? error.code ?? error.message;
        log.warn({ reason, address: socket.remoteAddress, connections }, 'a connection was refused: is it a service?');
      });
    });
  }
}
