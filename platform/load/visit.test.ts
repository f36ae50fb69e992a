import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Invoke, Outcome } from '../history/line.ts';
import { seeded } from '../random.ts';
import type { Asked, Customer, Placed, Request } from './customer.ts';
import { type Mix, plain } from './mix.ts';
import { visits } from './visit.ts';

/** A gateway that confirms every order; what it is asked, and what is written down. */
function world(mix: Partial<Mix>) {
  const requests: Request[] = [];
  const operations: (Invoke['operation'] & { client: number; outcome?: Outcome })[] = [];
  const orders = new Map<string, object>();
  const customer = {
    async ask(request: Request): Promise<Asked> {
      requests.push(request);
      const { key = '', path } = request;
      if (path.startsWith('/v1/products'))
        return { status: 200, body: { available: '1', reserved: '0', sold: '2' }, retries: 0 };
      if (path.startsWith('/v1/accounts')) return { status: 404, body: { detail: 'no account' }, retries: 0 };
      if (path.endsWith(':cancel')) return { error: '503', retries: 3 };
      const made = { orderId: randomUUID(), status: 'CONFIRMED', total: { amount: '250', currency: 'EUR' } };
      const order = orders.get(key) ?? made;
      orders.set(key, order);
      return { status: 201, body: order, retries: 0 };
    },
  } as unknown as Customer;
  const history = {
    invoke(client: number, operation: Invoke['operation']) {
      const one: (typeof operations)[number] = { ...operation, client };
      operations.push(one);
      return (outcome: Outcome) => void Object.assign(one, { outcome });
    },
    close() {},
  };
  const supplied: string[] = [];
  const scarce = {
    sku: 'scarce',
    account: 'poor',
    open: async () => {},
    supply: async () => void supplied.push('supply'),
    order: (order: object) => ({ ...order, accountId: 'poor' }),
    wrong: (order: object) => ({ ...order, accountId: 'foreigner' }),
  } as unknown as Parameters<typeof visits>[0]['scarce'];
  const shop = { skus: ['tea', 'mug'], accounts: ['ann'] };
  const visit = visits({
    customer,
    history,
    shop,
    scarce,
    mode: 'mixed',
    mix: { ...plain, ...mix },
    random: seeded(1),
  });
  return { visit, requests, operations, supplied };
}

const ignore = () => {};

test('without a mix an arrival places an order and nothing else', async () => {
  const { visit, requests } = world({});
  const placed: Placed[] = [];
  for (let count = 0; count < 20; count++) await visit((one) => placed.push(one));
  expect(placed).toEqual(Array(20).fill({ outcome: { type: 'confirmed' }, retries: 0 }));
  expect(new Set(requests.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(['POST /v1/orders']));
  expect(new Set(requests.map(({ key }) => key)).size).toBe(20);
});

test('an order that is sent again has the same key, is the same, and is counted once', async () => {
  const { visit, operations } = world({ replay: 1 });
  let placed = 0;
  for (let count = 0; count < 10; count++) await visit(() => placed++);
  expect(placed).toBe(10);
  expect(operations.length).toBe(20);
  const byKey = Map.groupBy(operations, (one) => (one.op === 'place' ? one.key : ''));
  expect(byKey.size).toBe(10);
  for (const [one, two] of byKey.values()) expect(two).toEqual({ ...one, client: expect.any(Number) });
});

test('what is written down says what is known of it', async () => {
  const { visit, operations } = world({ cancel: 1, read: 1, reject: 1 });
  for (let count = 0; count < 50; count++) await visit(ignore);
  const outcomes = (op: string) =>
    new Set(operations.filter((one) => one.op === op).map(({ outcome }) => JSON.stringify(outcome)));
  expect(outcomes('cancel')).toEqual(new Set(['{"type":"unknown","error":"503"}']));
  expect(outcomes('getAccount')).toEqual(new Set(['{"type":"fail","error":"404 no account"}']));
  expect(outcomes('getProduct')).toEqual(new Set(['{"type":"ok","output":{"available":1,"reserved":0,"sold":2}}']));
  expect(operations.filter(({ outcome }) => outcome === undefined)).toEqual([]);
});

test('one who asks one thing after another is one client', async () => {
  const { visit, operations } = world({ read: 1 });
  for (let count = 0; count < 10; count++) await visit(ignore);
  expect(new Set(operations.map(({ client }) => client))).toEqual(new Set([1]));
  await Promise.all([visit(ignore), visit(ignore), visit(ignore)]);
  expect(new Set(operations.map(({ client }) => client)).size).toBe(3);
});
