import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openCustomer } from './customer.ts';

const order = { accountId: 'a', lines: [{ sku: 's', quantity: 1 }], mode: 'SAGA' };
const confirmed = { orderId: '1', status: 'CONFIRMED' };
let close = () => {};
afterEach(() => close());

/** A gateway that answers each request with the next of these; 'cut' cuts the connection. */
async function gateway(...answers: (readonly [number, object] | 'cut')[]) {
  const keys: unknown[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    keys.push(request.headers['idempotency-key']);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === undefined || next === 'cut') request.socket.destroy();
    else response.writeHead(next[0], { 'content-type': 'application/json' }).end(JSON.stringify(next[1]));
  };
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const customer = openCustomer(url, { connections: 2, patience_ms: 2000 });
  close = () => {
    void customer.close();
    server.close();
  };
  return { customer, keys };
}

test('an order is sent again under its key until it is answered', async () => {
  const { customer, keys } = await gateway('cut', [503, {}], [429, {}], [504, {}], [201, confirmed]);
  const placed = await customer.place(order, 'k');
  expect(placed).toEqual({ outcome: { type: 'confirmed' }, retries: 4 });
  expect(keys).toEqual(['k', 'k', 'k', 'k', 'k']);
});

test('a rejection is an answer', async () => {
  const rejection = { code: 'OUT_OF_STOCK', message: 'There are 0 left.' };
  const { customer } = await gateway([201, { orderId: '1', status: 'REJECTED', rejection }]);
  expect(await customer.place(order, 'k')).toEqual({
    outcome: { type: 'rejected', reason: 'OUT_OF_STOCK' },
    retries: 0,
  });
});

test('an error that stays is not tried again', async () => {
  const { customer } = await gateway([422, { title: 'Conflict', detail: 'another request had this key' }]);
  const outcome = { type: 'failed', reason: '422 another request had this key' };
  expect(await customer.place(order, 'k')).toEqual({ outcome, retries: 0 });
});

test('an order that is answered with no outcome has failed', async () => {
  const { customer } = await gateway([201, { orderId: '1', status: 'PENDING' }]);
  expect((await customer.place(order, 'k')).outcome).toEqual({ type: 'failed', reason: '201 PENDING' });
});

test('without an answer in time it is unanswered', async () => {
  const { customer } = await gateway([503, {}]);
  const { outcome, retries } = await customer.place(order, 'k');
  expect(outcome).toEqual({ type: 'unanswered', reason: '503' });
  expect(retries).toBeGreaterThan(1);
});
