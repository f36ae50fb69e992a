// The public API over HTTP.
import type { Readable } from 'node:stream';
import { type Admit, admission, type CallOptions, type ConcurrencyLimits } from '@assent/rpc';
import { histogram, inSpan, type Logger, withTraceparent } from '@assent/telemetry';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { match } from '../api/router.ts';
import { type Route, routes } from '../api/routes.ts';
import { type RequestParts, type Transcoder, transcoders } from '../api/transcoding.ts';
import type { Backends } from '../backends.ts';
import type { Enter, Visitor } from '../entrance.ts';
import { outward } from '../outward.ts';
import { accepts } from './accept.ts';
import type { EventStreams } from './events.ts';
import { type Answer, notAllowed, problem, problemOf, sendAnswer } from './problem.ts';

export interface RestOptions {
  readonly backends: Backends;
  readonly streams: EventStreams;
  readonly enter: Enter;
  readonly log: Logger;
  /** How many requests of a route are passed on at a time. */
  readonly concurrency: ConcurrencyLimits | false;
  /** How long the services may take for one request. */
  readonly timeout_ms: number;
  /** How long a stream may go on. */
  readonly streamTimeout_ms: number;
}

interface Handling extends RestOptions {
  /** Of routes with one response; streams have a limit of their own. */
  readonly admissions: ReadonlyMap<Route, Admit>;
}

const duration = histogram(
  'http_server_request_duration_seconds',
  'How long it took to answer requests, or to begin to.',
  ['http_request_method', 'http_route', 'http_response_status_code'],
);

/** Answers requests under /v1, as long as the signal isn't aborted. */
export function restHandler(given: RestOptions, signal: AbortSignal) {
  const admit = (route: Route) => admission(`${route.verb} ${route.template}`, given.concurrency, signal);
  const unaries = routes.filter(({ method }) => !method.responseStream);
  const options = { ...given, admissions: new Map(unaries.map((route) => [route, admit(route)])) };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const found = match(request.method, pathOf(request));
    switch (found.type) {
      case 'route': {
        const { route, pathValues } = found;
        const gone = abortedWhenGone(reply);
        const answer = await inServerSpan(route, request, async () => {
          const { headers, passed } = await options.enter(route, visitorOf(request));
          const answer =
            'refusal' in passed
              ? problemOf(passed.refusal)
              : await answerTo(route, pathValues, request, passed.metadata, gone, options);
          return { ...answer, headers: { ...headers, ...answer.headers } };
        });
        return sendAnswer(reply, answer);
      }
      case 'other-verbs':
        return sendAnswer(reply, notAllowed(found.allowed.join(', ')));
      case 'bad-encoding':
        return sendAnswer(reply, problem(400, 'INVALID_ARGUMENT', 'the path is not well encoded'));
      case 'nothing':
        reply.callNotFound();
        return reply;
    }
  };
}

export function pathOf(request: FastifyRequest): string {
  return request.raw.url!.split('?', 1)[0]!;
}

/** Aborts when the client has gone before its answer. */
function abortedWhenGone(reply: FastifyReply): AbortController {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller;
}

/** The span that a trace begins with, or goes on with when the caller has sent its context. */
function inServerSpan(route: Route, request: FastifyRequest, work: () => Promise<Answer>): Promise<Answer> {
  const { verb, template } = route;
  const attributes = {
    'http.request.method': verb,
    'http.route': template,
    'url.path': pathOf(request),
    'url.scheme': request.protocol,
  };
  const begin_ms = performance.now();
  return withTraceparent(`${request.headers.traceparent ?? ''}`, () =>
    inSpan(`${verb} ${template}`, { kind: SpanKind.SERVER, attributes }, async (span) => {
      const answer = await work();
      span.setAttribute('http.response.status_code', answer.status);
      duration.labels(verb, template, `${answer.status}`).observe((performance.now() - begin_ms) / 1000);
      if (answer.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      return answer;
    }),
  );
}

async function answerTo(
  route: Route,
  pathValues: readonly string[],
  request: FastifyRequest,
  metadata: Readonly<Record<string, string>>,
  gone: AbortController,
  options: Handling,
): Promise<Answer> {
  const { responseStream } = route.method;
  const media = responseStream ? 'text/event-stream' : 'application/json';
  if (!accepts(request.headers.accept, media)) {
    return problem(406, 'INVALID_ARGUMENT', `the answer is ${media}`, { reason: 'NOT_ACCEPTABLE' });
  }
  try {
    const message = transcoders.get(route)!.request(partsOf(request, pathValues));
    const body = await (responseStream ? stream : unary)(route, message, { metadata }, gone, options);
    return { status: route.status, headers: { 'content-type': media, 'cache-control': 'no-store' }, body };
  } catch (error) {
    return failure(error, route, options.log);
  }
}

function visitorOf({ socket, headers }: FastifyRequest): Visitor {
  return {
    peer: socket.remoteAddress ?? '',
    authorization: headers.authorization,
    // Node joins what comes several times, but its type doesn't know.
    forwardedFor: headers['x-forwarded-for'] as string | undefined,
  };
}

const nothing = Buffer.alloc(0);

function partsOf(request: FastifyRequest, pathValues: readonly string[]): RequestParts {
  return {
    pathValues,
    query: request.query as RequestParts['query'],
    body: (request.body as Buffer | undefined) ?? nothing,
    idempotencyKey: request.headers['idempotency-key'] as string | undefined,
  };
}

type Caller<Body> = (
  route: Route,
  message: Uint8Array,
  call: CallOptions,
  gone: AbortController,
  options: Handling,
) => Promise<Body>;

const unary: Caller<string> = async (route, message, call, { signal }, { backends, admissions, timeout_ms }) => {
  const ask = () => backends.unary(route)(message, { ...call, timeout_ms, signal });
  const response = await admissions.get(route)!(performance.now() + timeout_ms, ask);
  return transcoders.get(route)!.response(response);
};

const stream: Caller<Readable> = (route, message, call, gone, { backends, streams, streamTimeout_ms }) => {
  const timed = { ...call, timeout_ms: streamTimeout_ms, signal: gone.signal };
  const responses = backends.stream(route)(message, timed);
  return streams.open(inJson(responses, transcoders.get(route)!), gone);
};

async function* inJson(responses: AsyncIterable<Uint8Array>, transcoder: Transcoder): AsyncIterable<string> {
  for await (const response of responses) yield transcoder.response(response);
}

function failure(error: unknown, route: Route, log: Logger): Answer {
  const known = outward(error);
  const answer = problemOf(known);
  if (answer.status === 500) log.error({ err: error, route: route.template }, 'a request has failed');
  // A line for each that is refused would be the next load.
  else if (answer.status > 500 && known.code !== 'RESOURCE_EXHAUSTED')
    log.warn({ err: error, route: route.template }, 'a request could not be served');
  return answer;
}
