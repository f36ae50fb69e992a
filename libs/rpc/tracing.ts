// Spans of calls, by the semantic conventions for RPC. Without a tracing SDK all of this comes to a few checks.

import { Metadata } from '@grpc/grpc-js';
import {
  type Attributes,
  context,
  INVALID_TRACEID,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Code, RpcError } from './errors.ts';

const tracer = trace.getTracer('@assent/rpc');

/** For calls that carry none. grpc-js copies what it gets. */
const NO_METADATA = new Metadata();

const attributes = (method: string): Attributes => ({ 'rpc.system.name': 'grpc', 'rpc.method': method });

/** The span of one call; undefined when nobody traces. */
export type CallSpan = Span | undefined;

const traced = (span: Span) => span.spanContext().traceId !== INVALID_TRACEID;

/** Starts the span of a call and gives the metadata that continues its trace. */
export type ClientSpans = () => { readonly span: CallSpan; readonly metadata: Metadata };

/** For the calls that go to one method of a server. */
export function clientSpans(method: string, server: Attributes): ClientSpans {
  const options = { kind: SpanKind.CLIENT, attributes: { ...attributes(method), ...server } };
  return () => {
    const span = tracer.startSpan(method, options);
    if (!traced(span)) return { span: undefined, metadata: NO_METADATA };
    const metadata = new Metadata();
    propagation.inject(trace.setSpan(context.active(), span), metadata, {
      set: (to, key, value) => to.set(key, value),
    });
    return { span, metadata };
  };
}

const fromMetadata = {
  keys: (metadata: Metadata) => Object.keys(metadata.getMap()),
  get: (metadata: Metadata, key: string) => metadata.get(key).map(String),
};

/** Does the work of a call inside its span, which the work must end. */
export type ServerSpans = <T>(metadata: Metadata, work: (span: CallSpan) => T) => T;

/** For the calls that come to one method. */
export function serverSpans(method: string): ServerSpans {
  const options = { kind: SpanKind.SERVER, attributes: attributes(method) };
  return (metadata, work) => {
    const parent = propagation.extract(context.active(), metadata, fromMetadata);
    const span = tracer.startSpan(method, options, parent);
    if (!traced(span)) return work(undefined);
    return context.with(trace.setSpan(parent, span), work, undefined, span);
  };
}

/** Notes that a call is tried once more, after so many attempts; in the words of gRPC's conventions (A72). */
export function noteAttempt(span: CallSpan, kind: 'retry' | 'hedge', previous: number, why: Attributes): void {
  span?.addEvent(kind, { 'grpc.previous-rpc-attempts': previous, ...why });
  span?.setAttribute('assent.rpc.attempts', previous + 1);
}

/** Statuses for which a server is to blame. For a client every one but OK is an error. */
const SERVER_ERRORS: ReadonlySet<Code> = new Set<Code>([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Ends the span of a call with its outcome. */
export function endSpan(span: CallSpan, kind: 'client' | 'server', error?: RpcError): void {
  if (!span) return;
  span.setAttribute('rpc.status_code', error?.code ?? 'OK');
  if (error && (kind === 'client' || SERVER_ERRORS.has(error.code))) {
    span.setAttribute('error.type', error.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end();
}
