// gRPC's health protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { bind } from './bind.ts';
import { serverOptions, sessionLimits } from './limits.ts';
import { watchSessions } from './sessions.ts';

interface Request {
  readonly service: string;
}
interface Response {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}
type Watch = ServerWritableStream<Request, Response>;

export interface Health {
  /** What is said of those names; '' is the server as a whole. A name is unknown until it is set. */
  set(names: readonly string[], serving: boolean): void;
  /** Ends the watches, which would last as long as their clients. */
  end(): void;
}

/** Tells the health of what has been set, to those who ask and to those who watch. */
export function addHealth(server: Server): Health {
  const known = new Map<string, Response>();
  const watches = new Set<Watch>();
  const current = (name: string): Response => known.get(name) ?? { status: 'SERVICE_UNKNOWN' };

  server.addService(service, {
    check(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) {
      if (known.has(call.request.service)) reply(null, current(call.request.service));
      else reply({ code: status.NOT_FOUND, details: 'unknown service' });
    },
    watch(call: Watch) {
      watches.add(call);
      call.on('cancelled', () => watches.delete(call));
      call.write(current(call.request.service));
    },
    list(_call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>) {
      reply(null, { statuses: Object.fromEntries(known) });
    },
  });

  return {
    set(names, serving) {
      const now: Response = { status: serving ? 'SERVING' : 'NOT_SERVING' };
      const changed = new Set(names.filter((name) => known.get(name)?.status !== now.status));
      for (const name of changed) known.set(name, now);
      for (const watch of watches) if (changed.has(watch.request.service)) watch.write(now);
    },
    end() {
      for (const watch of watches) watch.emit('error', { code: status.UNAVAILABLE, details: 'the server shuts down' });
      watches.clear();
    },
  };
}

export interface HealthServer extends Pick<Health, 'set'> {
  readonly port: number;
  /** Ends everything at once. */
  close(): void;
}

/**
 * Serves health and nothing else, in plain text: the kubelet, which asks for it, speaks no TLS. `liveness` is always SERVING: it
 * is answered as long as the process gets on, whatever becomes of what it needs. '' is NOT_SERVING until it is set.
 * @param port 0 takes a free one
 */
export async function serveHealth(host: string, port: number): Promise<HealthServer> {
  const server = new Server(serverOptions({ maxMessage_bytes: 4_096, maxConcurrentStreams: 100 }));
  const health = addHealth(server);
  health.set(['liveness'], true);
  health.set([''], false);
  const bound = await bind(server, host, port, ServerCredentials.createInsecure());
  watchSessions(server, sessionLimits({}));
  return { port: bound, set: health.set, close: () => server.forceShutdown() };
}
