// The connections of a server: how many, how old, and how they end without losing a call.
import { constants, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

export interface SessionLimits {
  /** More are dropped as they come. */
  readonly maxConnections: number;
  /** After so long, 10 % more or less, a client is asked to connect anew. */
  readonly maxAge_ms: number;
}

export interface Sessions {
  /** Takes no new connections, and asks all clients to make no new calls. Fulfilled when they have heard it, or a second later. */
  sayGoodbye(): Promise<void>;
}

const LAST_STREAM = 2 ** 31 - 1;
const HEARD_MS = 1_000;

/**
 * grpc-js can limit the age of connections too, and closes them when it drains. But it refuses new calls as soon as it has said
 * so: those that are on their way meanwhile are lost. (Measured with grpc-js 1.14.7, when all connections of four clients with 50
 * calls under way each are renewed three times a second: half of the calls fail, with its retries 2 %.) So first we
 * say that there should be no new calls, and close only when the client has heard it, as RFC 9113 (6.8) advises.
 */
export function watchSessions(server: Server, { maxConnections, maxAge_ms }: SessionLimits): Sessions {
  const sessions = new Set<ServerHttp2Session>();
  const listening = http2Servers(server);
  for (const http2 of listening) {
    http2.maxConnections = maxConnections;
    http2.on('session', (session) => {
      sessions.add(session);
      const age_ms = maxAge_ms * (0.9 + Math.random() / 5);
      const aging = setTimeout(() => void goodbye(session).then(() => closeSoon(session)), age_ms).unref();
      session.once('close', () => {
        clearTimeout(aging);
        sessions.delete(session);
      });
    });
  }
  return {
    async sayGoodbye() {
      for (const http2 of listening) http2.maxConnections = 0;
      await Promise.all([...sessions].map(goodbye));
    },
  };
}

/** grpc-js doesn't show them. */
export function http2Servers(server: Server): Http2Server[] {
  const { http2Servers: servers } = server as unknown as { http2Servers?: ReadonlyMap<Http2Server, unknown> };
  if (!servers || servers.size === 0) throw new Error('this version of grpc-js keeps its HTTP/2 servers elsewhere');
  return [...servers.keys()];
}

/** What the client has sent before it heard of it has come when it has answered the ping. */
function goodbye(session: ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.closed || session.destroyed) return resolve();
    const timer = setTimeout(resolve, HEARD_MS);
    const heard = () => {
      clearTimeout(timer);
      resolve();
    };
    session.once('close', heard);
    try {
      session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM);
      if (!session.ping(heard)) heard();
    } catch {
      // Its socket is gone, which is found out in a moment.
      heard();
    }
  });
}

/**
 * When its last call has ended. A client's ping is answered below its own code, which may be busy and send a few calls more: they
 * have a moment to come.
 */
function closeSoon(session: ServerHttp2Session): void {
  setTimeout(() => {
    if (!session.closed && !session.destroyed) session.close();
  }, HEARD_MS).unref();
}
