// The HTTP server: its limits, its errors, its end.
import type { AddressInfo } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { ConcurrencyLimits, EdgeTls } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { Backends } from '../backends.ts';
import type { Enter } from '../entrance.ts';
import { createEventStreams } from './events.ts';
import { addPages } from './pages.ts';
import { notAllowed, type Problem, problem, sendAnswer } from './problem.ts';
import { answerBadHttp, refusal } from './refusal.ts';
import { pathOf, restHandler } from './rest.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly backends: Backends;
  readonly enter: Enter;
  readonly log: Logger;
  /** How many requests of a route are passed on at a time. */
  readonly concurrency: ConcurrencyLimits | false;
  readonly timeout_ms: number;
  readonly streamTimeout_ms: number;
  readonly bodyLimit_bytes: number;
  readonly maxInFlight: number;
  readonly maxStreams: number;
  readonly maxConnections: number;
  readonly heartbeat_ms?: number;
  /** HTTP without it. */
  readonly tls?: EdgeTls | undefined;
}

export interface HttpServer {
  readonly port: number;
  /**
   * From here on every answer asks its client to connect anew; after a second, connections on which nothing happens are
   * closed. So whoever ends this process early, as a pod's deletion without grace does in 2 s, finds little in its hands.
   */
  leave(): void;
  /** Takes no new connections, ends streams, waits for the requests under way; after `timeout_ms` it drops those that are left. */
  drain(timeout_ms: number): Promise<void>;
}

const second_ms = 1000;
const sweep_ms = 50;
/** When those who route connections have heard of it, and connections in use have carried an answer. */
const leaveIdle_ms = 1000;

export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port, backends, log, maxStreams: max, timeout_ms: firstTimeout_ms, heartbeat_ms } = options;
  const streams = createEventStreams({
    max,
    firstTimeout_ms,
    log,
    ...(heartbeat_ms !== undefined && { heartbeat_ms }),
  });
  const app = createApp(options);
  const closed = new AbortController();
  app.addHook('onClose', async () => closed.abort());
  addPages(app, backends);
  app.register(async (rest) => {
    limitInFlight(rest, options.maxInFlight);
    // The body stays bytes until its route is known.
    rest.removeAllContentTypeParsers();
    rest.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    rest.route({
      method: rest.supportedMethods,
      url: '/v1/*',
      handler: restHandler({ ...options, streams }, closed.signal),
    });
  });
  let leaving = false;
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (leaving) reply.header('connection', 'close');
    done(null, payload);
  });
  await app.listen({ host, port });
  app.server.maxConnections = options.maxConnections;
  if (app.server instanceof TlsServer) options.tls?.renew(app.server);
  return {
    port: (app.server.address() as AddressInfo).port,
    leave() {
      leaving = true;
      setTimeout(() => app.server.closeIdleConnections(), leaveIdle_ms).unref();
    },
    async drain(timeout_ms) {
      leaving = true;
      streams.endAll();
      const late = setTimeout(() => app.server.closeAllConnections(), timeout_ms);
      // Connections of answers that had begun before, which didn't say close.
      const sweep = setInterval(() => app.server.closeIdleConnections(), sweep_ms);
      await app.close();
      clearInterval(sweep);
      clearTimeout(late);
    },
  };
}

const httpLimits = {
  maxHeaderSize: 16 << 10,
  headersTimeout: 10 * second_ms,
  connectionsCheckingInterval: 5 * second_ms,
};

function createApp({ bodyLimit_bytes, log, tls }: HttpOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimit_bytes,
    // A connection on which nothing moves, such as of a client that doesn't read its answer.
    connectionTimeout: 60 * second_ms,
    requestTimeout: 30 * second_ms,
    // Longer than load balancers keep theirs, so that it is they who close.
    keepAliveTimeout: 72 * second_ms,
    http: httpLimits,
    ...(tls && { https: { ...httpLimits, ...tls.https } }),
    // Requests that come while it drains are answered, with Connection: close.
    return503OnClosing: false,
    exposeHeadRoutes: true,
    clientErrorHandler: answerBadHttp,
    frameworkErrors: (error, _request, reply) => void sendAnswer(reply, refusal(error, log)),
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    // Fastify would close the connection, and while a body still arrives the answer would be lost with it. So Node reads
    // the rest and drops it, until requestTimeout at most.
    reply.removeHeader('connection');
    sendAnswer(reply, refusal(error, log));
  });
  app.setNotFoundHandler((request, reply) => sendAnswer(reply, unknownPath(app, request)));
  return app;
}

function limitInFlight(app: FastifyInstance, most: number): void {
  let inFlight = 0;
  const tooMany = problem(503, 'UNAVAILABLE', 'too many requests at once, try again later', {
    reason: 'OVERLOADED',
    headers: { 'retry-after': '1' },
  });
  app.addHook('onRequest', (_request, reply, done) => {
    if (inFlight >= most) return void sendAnswer(reply, tooMany);
    inFlight++;
    reply.raw.once('close', () => inFlight--);
    done();
  });
}

function unknownPath(app: FastifyInstance, request: FastifyRequest): Problem {
  if (app.hasRoute({ method: 'GET', url: pathOf(request) })) return notAllowed('GET, HEAD');
  return problem(404, 'NOT_FOUND', 'there is nothing at this path', { reason: 'UNKNOWN_PATH' });
}
