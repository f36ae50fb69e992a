// An OTLP receiver that remembers the spans it is sent.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' without one. */
  readonly parentSpanId: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** 2 is an error. */
  readonly status: number;
}

// As much of opentelemetry/proto/trace/v1/trace.proto as is needed.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    repeated Attribute attributes = 9; Status status = 15; }
  message Attribute { string key = 1; Value value = 2; }
  message Value { string string_value = 1; int32 int_value = 3; }
  message Status { int32 code = 3; }`);
const Traces = root.lookupType('Traces');

export interface Receiver {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/traces') spans.push(...decode(await buffer(request)));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { endpoint: `http://127.0.0.1:${port}`, spans, close: () => server.close() };
}

interface WireSpan {
  name: string;
  traceId: Buffer;
  spanId: Buffer;
  parentSpanId?: Buffer;
  kind: number;
  attributes?: { key: string; value: { stringValue?: string; intValue?: number } }[];
  status?: { code?: number };
}

function decode(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = Traces.decode(body) as unknown as {
    resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(toReceived)));
}

function toReceived({ name, traceId, spanId, parentSpanId, kind, attributes = [], status }: WireSpan): ReceivedSpan {
  return {
    name,
    traceId: traceId.toString('hex'),
    spanId: spanId.toString('hex'),
    parentSpanId: parentSpanId?.toString('hex') ?? '',
    kind,
    attributes: Object.fromEntries(
      attributes.map(({ key, value }) => [key, value.stringValue || value.intValue || '']),
    ),
    status: status?.code ?? 0,
  };
}
