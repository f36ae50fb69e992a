// gRPC's health protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

interface Request {
  readonly service: string;
}
interface Response {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}
type Watch = ServerWritableStream<Request, Response>;

export interface Health {
  set(serving: boolean): void;
  /** Ends the watches, which would last as long as their clients. */
  end(): void;
}

/** Tells the health of the server, '', and of each of its services, which is the same. At first it doesn't serve. */
export function addHealth(server: Server, services: readonly string[]): Health {
  const known = new Set(['', ...services]);
  const watches = new Set<Watch>();
  let serving = false;
  const current = (name: string): Response => {
    if (!known.has(name)) return { status: 'SERVICE_UNKNOWN' };
    return { status: serving ? 'SERVING' : 'NOT_SERVING' };
  };

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
      reply(null, { statuses: Object.fromEntries([...known].map((name) => [name, current(name)])) });
    },
  });

  return {
    set(now) {
      if (now === serving) return;
      serving = now;
      for (const watch of watches) watch.write(current(watch.request.service));
    },
    end() {
      for (const watch of watches) watch.emit('error', { code: status.UNAVAILABLE, details: 'the server shuts down' });
      watches.clear();
    },
  };
}
