// A gateway on sockets with a small shop behind it, for tests. What the shop does depends on the account or order id that it is asked about.
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CoordinatorService, InventoryService, OrderService, PaymentService } from '@assent/protos';
import type { OrderInput } from '@assent/protos/order/v1/Order.ts';
import type { PlaceOrderRequest } from '@assent/protos/order/v1/PlaceOrderRequest.ts';
import { type Call, connect, implement, invalid, RpcError, type RpcService, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { connectBackends } from './backends.ts';
import { edgeServices } from './edge.ts';
import { createEntrance, type EntranceOptions } from './entrance.ts';
import { type HttpOptions, startHttp } from './http/server.ts';
import { createIdentify } from './operators/identify.ts';

export interface TestGateway {
  /** Of the REST API, without a slash at the end. */
  readonly url: string;
  readonly grpcPort: number;
  readonly shop: Shop;
  /** Drains the HTTP side. */
  leave(): void;
  drain(timeout_ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What the backends saw. */
export interface Shop {
  readonly placed: PlaceOrderRequest[];
  /** Operators' calls, with who they were said to be from. */
  readonly acts: { readonly request: unknown; readonly operator: unknown }[];
  /** How many calls wait to be cancelled, and have been. */
  hanging: number;
  cancelled: number;
  /** Health of the backends. */
  setServing(serving: boolean): void;
}

const log = createLogger({ service: 'test', level: 'silent' });

/** Of the operator alice. */
export const operatorToken = 'open-sesame';
const tokenHash = createHash('sha256').update(operatorToken).digest();

export async function startTestGateway(
  options: Partial<HttpOptions> = {},
  { identify = createIdentify([{ name: 'alice', tokenHash }]), ...entrance }: Partial<EntranceOptions> = {},
): Promise<TestGateway> {
  const setServing = (serving: boolean) => backend.setServing(serving);
  const shop: Shop = { placed: [], acts: [], hanging: 0, cancelled: 0, setServing };
  const backend = await serve({ host: '127.0.0.1', port: 0, services: shopServices(shop), log });
  backend.setServing(true);
  const clients: { close(): void }[] = [];
  const backends = connectBackends((service) => {
    const client = connect(service, { target: `127.0.0.1:${backend.port}` });
    clients.push(client);
    return client;
  });
  const enter = createEntrance({ identify, ...entrance });
  const limits = { timeout_ms: 20_000, streamTimeout_ms: 60_000, enter };
  const http = await startHttp({
    ...limits,
    // A test waits for it in vain.
    timeout_ms: 5_000,
    host: '127.0.0.1',
    port: 0,
    backends,
    log,
    bodyLimit_bytes: 1 << 20,
    concurrency: {},
    maxInFlight: 100,
    maxStreams: 10,
    maxConnections: 1000,
    ...options,
  });
  const edge = await serve({
    host: '127.0.0.1',
    port: 0,
    services: edgeServices(backends, limits),
    log,
    tls: options.tls?.server,
  });
  edge.setServing(true);
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${http.port}`,
    grpcPort: edge.port,
    shop,
    leave: http.leave,
    drain: http.drain,
    async close() {
      await http.drain(0);
      edge.close();
      for (const client of clients) client.close();
      backend.close();
    },
  };
}

export const order: OrderInput = {
  orderId: '0191',
  accountId: 'alice',
  lines: [{ sku: 'tea', quantity: 2, unitPrice: { amount: '350', currency: 'EUR' } }],
  mode: 'SAGA',
  status: 'CONFIRMED',
  total: { amount: '700', currency: 'EUR' },
  createTime: { seconds: '1767225600', nanos: 120_000_000 },
};

function shopServices(shop: Shop): RpcService[] {
  return [orderService(shop), inventoryService(), paymentService(), coordinatorService(shop)];
}

function orderService(shop: Shop): RpcService {
  return implement(OrderService, {
    async placeOrder(request, call) {
      shop.placed.push(request);
      await behave(request.accountId, shop, call);
      return { order: { ...order, ...request } };
    },
    async getOrder({ orderId }, call) {
      await behave(orderId, shop, call);
      return { order: { ...order, orderId } };
    },
    async listOrders({ accountId, pageSize, pageToken }) {
      return { orders: [], nextPageToken: `${accountId}/${pageSize}/${pageToken}` };
    },
    async *watchOrder({ orderId }, call) {
      if (orderId === 'missing') throw new RpcError('NOT_FOUND', 'no such order');
      yield { order: { ...order, orderId, status: 'PENDING' } };
      if (orderId === 'forever') await untilCancelled(shop, call);
      if (orderId === 'broken') throw new Error('secret');
      yield { order: { ...order, orderId } };
    },
    async cancelOrder({ orderId }) {
      return { order: { ...order, orderId, status: 'CANCELLED' } };
    },
  });
}

async function behave(id: string, shop: Shop, call: Call): Promise<void> {
  switch (id) {
    case 'missing':
      throw new RpcError('NOT_FOUND', 'no such order');
    case 'invalid':
      throw invalid([{ field: 'accountId', description: 'no such account' }]);
    case 'reused':
      throw new RpcError('ALREADY_EXISTS', 'the key was used', { reason: 'IDEMPOTENCY_KEY_REUSED' });
    case 'exists':
      throw new RpcError('ALREADY_EXISTS', 'it is there');
    case 'not-yet':
      throw new RpcError('FAILED_PRECONDITION', 'not now', { reason: 'NOT_CONFIRMED' });
    case 'busy':
      throw new RpcError('RESOURCE_EXHAUSTED', 'secret');
    case 'down':
      throw new RpcError('UNAVAILABLE', 'secret 127.0.0.1:5432');
    case 'broken':
      throw new Error('secret');
    case 'slow':
      return setTimeout(200);
    case 'hanging':
      return untilCancelled(shop, call);
    default:
  }
}

function untilCancelled(shop: Shop, { signal }: Call): Promise<void> {
  shop.hanging++;
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      shop.hanging--;
      shop.cancelled++;
      reject(new RpcError('CANCELLED', 'cancelled'));
    });
  });
}

const unused = () => Promise.reject(new RpcError('UNIMPLEMENTED', 'not in this shop'));

function inventoryService(): RpcService {
  return implement(InventoryService, {
    createProduct: async ({ sku, name, price }) => ({ product: { sku, name, price } }),
    getProduct: async ({ sku }) => ({ product: { sku } }),
    restockProduct: async ({ sku, quantity }) => ({ product: { sku, available: quantity } }),
    listProducts: unused,
    batchGetProducts: async () => ({ products: [] }),
    listReservations: unused,
  });
}

function paymentService(): RpcService {
  return implement(PaymentService, {
    createAccount: async ({ accountId, currency }) => ({ account: { accountId, balance: { amount: 0, currency } } }),
    getAccount: unused,
    listAccounts: unused,
    depositMoney: async ({ accountId, amount }) => ({ account: { accountId, balance: amount } }),
    listEntries: unused,
  });
}

function coordinatorService(shop: Shop): RpcService {
  const act = async (request: { transactionId: string }, { metadata }: Call) => {
    shop.acts.push({ request, operator: metadata.get('assent-operator') });
    return { transaction: { transactionId: request.transactionId } };
  };
  return implement(CoordinatorService, {
    runTransaction: async () => ({ transactionId: 'must not be reachable' }),
    async *runTransactions() {},
    getTransaction: async ({ transactionId }, { metadata }) => {
      const acts = metadata.get('assent-operator').map((operator) => ({ operator: `${operator}` }));
      return { transaction: { transactionId, owner: '18446744073709551615', acts } };
    },
    listTransactions: async ({ state, minAge, kind, participant }) => ({
      transactions: [{ state, traceparent: JSON.stringify({ minAge, kind, participant }) }],
    }),
    retryTransaction: act,
    skipBranch: act,
    abortTransaction: act,
    resolveTransaction: act,
    getDecisions: async () => ({ decisions: ['COMMIT'] }),
  });
}
