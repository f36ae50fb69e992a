import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { CoordinatorService, InventoryService, OrderService, ParticipantService, type Service } from '@assent/protos';
import type { PlaceOrderRequest } from '@assent/protos/order/v1/PlaceOrderRequest.ts';
import { type Client, connect } from '@assent/rpc';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operatorToken, startTestGateway, type TestGateway } from './fixture.ts';

let gateway: TestGateway;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
});

afterAll(async () => {
  for (const client of clients) client.close();
  await gateway.close();
});

function client<H>(service: Service<H>): Client<H> {
  const client = connect(service, { target: `127.0.0.1:${gateway.grpcPort}` });
  clients.push(client);
  return client;
}

const place: PlaceOrderRequest = {
  accountId: 'alice',
  lines: [{ sku: 'tea', quantity: 2 }],
  mode: 'TCC',
  idempotencyKey: 'key-1',
};

test('annotated methods are passed on', async () => {
  const { order } = await client(OrderService).placeOrder(place);
  expect(gateway.shop.placed.at(-1)).toEqual(place);
  expect(order).toMatchObject({ orderId: '0191', mode: 'TCC', status: 'CONFIRMED' });
});

test('other methods are not there', async () => {
  const unimplemented = { code: 'UNIMPLEMENTED' };
  await expect(client(CoordinatorService).runTransaction({})).rejects.toMatchObject(unimplemented);
  await expect(client(CoordinatorService).getDecisions({})).rejects.toMatchObject(unimplemented);
  await expect(client(InventoryService).batchGetProducts({})).rejects.toMatchObject(unimplemented);
  await expect(client(ParticipantService).execute({})[Symbol.asyncIterator]().next()).rejects.toMatchObject(
    unimplemented,
  );
});

test('what is for operators only is passed on with a token, in the name of its operator', async () => {
  const coordinator = client(CoordinatorService);
  const retry = (metadata: Record<string, string>) =>
    coordinator.retryTransaction({ transactionId: 't', reason: 'mended' }, { metadata });
  await retry({ authorization: `Bearer ${operatorToken}`, 'assent-operator': 'mallory' });
  expect(gateway.shop.acts).toEqual([{ request: { transactionId: 't', reason: 'mended' }, operator: ['alice'] }]);
  await expect(retry({ 'assent-operator': 'alice' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(retry({ authorization: 'Bearer wrong' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(gateway.shop.acts).toHaveLength(1);
});

test('what everybody may call is passed on in the name of an operator, if one calls', async () => {
  const coordinator = client(CoordinatorService);
  const operators = async (metadata: Record<string, string>) => {
    const { transaction } = await coordinator.getTransaction({ transactionId: 't' }, { metadata });
    return transaction?.acts.map(({ operator }) => operator);
  };
  expect(await operators({ authorization: `Bearer ${operatorToken}` })).toEqual(['alice']);
  expect(await operators({ authorization: 'Bearer wrong', 'assent-operator': 'alice' })).toEqual([]);
  expect(await operators({ 'assent-operator': 'alice' })).toEqual([]);
});

test.each([
  ['missing', { code: 'NOT_FOUND', message: 'no such order' }],
  ['reused', { code: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED' }],
  ['invalid', { code: 'INVALID_ARGUMENT', violations: [{ field: 'accountId', description: 'no such account' }] }],
  ['broken', { code: 'INTERNAL', message: 'internal error' }],
])('the error for %s', async (orderId, error) => {
  await expect(client(OrderService).getOrder({ orderId })).rejects.toMatchObject(error);
});

test('deadlines and cancellation go along', async () => {
  const orders = client(OrderService);
  await expect(orders.getOrder({ orderId: 'hanging' }, { timeout_ms: 1_000 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  const { shop } = gateway;
  // It was tried more than once.
  await eventually(() => expect([shop.hanging, shop.cancelled > 0]).toEqual([0, true]));
  const before = shop.cancelled;
  for await (const { order } of orders.watchOrder({ orderId: 'forever' })) {
    expect(order?.status).toBe('PENDING');
    break;
  }
  await eventually(() => expect([shop.hanging, shop.cancelled > before]).toEqual([0, true]));
});

test('streams are passed on to their end', async () => {
  const orders = client(OrderService);
  const statuses: unknown[] = [];
  for await (const { order } of orders.watchOrder({ orderId: '7' })) statuses.push(order?.status);
  expect(statuses).toEqual(['PENDING', 'CONFIRMED']);
  const missing = orders.watchOrder({ orderId: 'missing' })[Symbol.asyncIterator]();
  await expect(missing.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('what is not gRPC', () => {
  afterAll(async () => {
    await expect(client(OrderService).getOrder({ orderId: '7' })).resolves.toBeDefined();
  });

  test.each([
    ['a length of 2^32 − 1', [0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]],
    ['a message cut short', [0, 0, 0, 0, 100, 1, 2, 3]],
    ['a prefix cut short', [0, 0, 0]],
    ['no message', []],
    ['two messages', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a compressed message that is none', [1, 0, 0, 0, 3, 1, 2, 3]],
    ['fields that are none', [0, 0, 0, 0, 3, 0xff, 0xff, 0xff]],
  ])('%s is an error', async (_, bytes) => {
    const status = await grpcStatus(Buffer.from(bytes));
    expect(status).not.toBe('0');
  });

  test.each(['GET / HTTP/1.1\r\n\r\n', '\0\0\0\0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff'])(
    'nor is %j HTTP/2',
    async (text) => {
      const socket = connectSocket(gateway.grpcPort, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(text, 'latin1');
      socket.resume();
      await new Promise((resolve) => socket.on('close', resolve));
    },
  );
});

/** The status that a request with these bytes gets; undefined when the stream ends without. */
function grpcStatus(body: Buffer): Promise<string | undefined> {
  const session = connectHttp2(`http://127.0.0.1:${gateway.grpcPort}`);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/assent.order.v1.OrderService/GetOrder',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '2S',
    });
    let status: string | undefined;
    const note = (headers: IncomingHttpHeaders) => {
      status ??= headers['grpc-status'] as string | undefined;
    };
    stream.on('response', note).on('trailers', note).on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve(status);
    });
    stream.resume();
    stream.end(body);
  });
}
