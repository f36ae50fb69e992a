import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { RpcError } from './errors.ts';
import { type Fixture, startFixture } from './testing/fixture.ts';

const GET_PRODUCT = 'assent.inventory.v1.InventoryService/GetProduct';
const EXECUTE = 'assent.participant.v1.ParticipantService/Execute';

type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type Span = Parameters<SpanProcessor['onEnd']>[0];

const finished: Span[] = [];
const collector: SpanProcessor = {
  onStart() {},
  onEnd: (span) => finished.push(span),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const sdk = new NodeSDK({
  spanProcessors: [collector],
  metricReaders: [],
  logRecordProcessors: [],
  autoDetectResources: false,
});
sdk.start();

let late = 0;
let inner: Fixture;
let outer: Fixture;

beforeEach(async () => {
  inner = await startFixture({
    async getProduct({ sku }) {
      if (sku === 'none') throw new RpcError('NOT_FOUND', 'no such product');
      if (sku === 'late' && late++ === 0) throw new RpcError('UNAVAILABLE', 'not yet');
      if (sku === 'bug') throw new Error('secret');
      return { product: { name: trace.getActiveSpan()?.spanContext().traceId ?? '' } };
    },
  });
  outer = await startFixture({
    getProduct: (request) => inner.inventory.getProduct(request),
    async *execute() {
      yield { outcomes: [{ done: { result: trace.getActiveSpan()?.spanContext().traceId ?? '' } }] };
    },
  });
});
afterEach(() => {
  inner.close();
  outer.close();
  finished.length = 0;
});
afterAll(() => sdk.shutdown());

interface Seen {
  readonly name: string;
  readonly kind: string;
  readonly attributes: Attributes;
  readonly error: boolean;
}

/** The spans from the outermost inwards, which must be one trace. */
function spans(): Seen[] {
  const chain = finished.filter(({ parentSpanContext }) => parentSpanContext === undefined);
  for (let last = chain[0]; last; last = chain.at(-1)) {
    const id = last.spanContext().spanId;
    const next = finished.find(({ parentSpanContext }) => parentSpanContext?.spanId === id);
    if (!next) break;
    chain.push(next);
  }
  expect(chain).toHaveLength(finished.length);
  return chain.map(({ name, kind, attributes, status }) => ({
    name,
    kind: SpanKind[kind]!,
    attributes,
    error: status.code === SpanStatusCode.ERROR,
  }));
}

test('a call through two servers is one trace', async () => {
  const { product } = await outer.inventory.getProduct({ sku: 'tea' });
  const seen = spans();
  expect(seen.map(({ kind }) => kind)).toEqual(['CLIENT', 'SERVER', 'CLIENT', 'SERVER']);
  expect(new Set(seen.map(({ name }) => name))).toEqual(new Set([GET_PRODUCT]));
  expect(product?.name).toBe(finished[0]?.spanContext().traceId);
  const common = { 'rpc.system.name': 'grpc', 'rpc.method': GET_PRODUCT, 'rpc.status_code': 'OK' };
  expect(seen[0]?.attributes).toEqual({ ...common, 'server.address': '127.0.0.1', 'server.port': outer.server.port });
  expect(seen[1]?.attributes).toEqual(common);
});

test('a stream is one span at each side', async () => {
  for await (const { outcomes } of outer.participant.execute({})) {
    expect(outcomes[0]?.done?.result).toMatch(/^[0-9a-f]{32}$/);
  }
  expect(spans()).toMatchObject([
    { name: EXECUTE, kind: 'CLIENT', attributes: { 'rpc.status_code': 'OK' }, error: false },
    { name: EXECUTE, kind: 'SERVER', attributes: { 'rpc.status_code': 'OK' }, error: false },
  ]);
});

test("a client's error is an error of the client's span only", async () => {
  await expect(inner.inventory.getProduct({ sku: 'none' })).rejects.toThrow();
  expect(spans()).toMatchObject([
    { kind: 'CLIENT', attributes: { 'rpc.status_code': 'NOT_FOUND', 'error.type': 'NOT_FOUND' }, error: true },
    { kind: 'SERVER', attributes: { 'rpc.status_code': 'NOT_FOUND' }, error: false },
  ]);
});

test("a server's error is one at both sides", async () => {
  await expect(inner.inventory.getProduct({ sku: 'bug' })).rejects.toThrow();
  const failed = { attributes: { 'rpc.status_code': 'INTERNAL', 'error.type': 'INTERNAL' }, error: true };
  expect(spans()).toMatchObject([
    { kind: 'CLIENT', ...failed },
    { kind: 'SERVER', ...failed },
  ]);
  expect(JSON.stringify(spans())).not.toContain('secret');
});

test('a call that is tried again says so in its span, to which the servers of all attempts belong', async () => {
  await inner.inventory.getProduct({ sku: 'late' });
  const client = finished.find(({ kind }) => kind === SpanKind.CLIENT)!;
  expect(client.attributes).toMatchObject({ 'rpc.status_code': 'OK', 'assent.rpc.attempts': 2 });
  expect(client.events).toMatchObject([
    { name: 'retry', attributes: { 'grpc.previous-rpc-attempts': 1, 'rpc.status_code': 'UNAVAILABLE' } },
  ]);
  const servers = finished.filter(({ kind }) => kind === SpanKind.SERVER);
  expect(servers.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
    Array.from({ length: 2 }, () => client.spanContext().spanId),
  );
});
