// The part of the gateway's REST API that sets up a shop and places single orders.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Money {
  /** Of minor units; 64 bits, so a string. */
  readonly amount: string;
  readonly currency: string;
}

export interface NewOrder {
  readonly accountId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly mode: string;
}

/** What an order's answer says about it. */
export interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly total?: Money;
  readonly rejection?: { readonly code: string; readonly message: string } | null;
}

export interface Api {
  createProduct(product: { sku: string; name: string; price: Money }): Promise<void>;
  restockProduct(sku: string, quantity: number, idempotencyKey: string): Promise<void>;
  createAccount(accountId: string, currency: string): Promise<void>;
  depositMoney(accountId: string, amount: Money, idempotencyKey: string): Promise<void>;
  placeOrder(order: NewOrder, idempotencyKey: string): Promise<Order>;
}

/** Answers that say nothing about the request itself: it is sent again. */
const transient = new Set([429, 502, 503, 504]);
/** A gateway that has died is back long before, also on a busy machine. */
const patience_ms = 30_000;
const pause_ms = 100;
const timeout_ms = 20_000;

/** Fails with what the gateway's problem document says. */
export function openApi(base: string): Api {
  const post = async (path: string, body: object, key?: string) => {
    const headers = { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) };
    const end_ms = performance.now() + patience_ms;
    for (;;) {
      const answer = await send(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (answer.status < 300) return answer.body;
      if (!transient.has(answer.status) || performance.now() > end_ms)
        throw new Error(`POST ${path}: ${explain(answer)}`);
      await sleep(pause_ms * (0.5 + Math.random()));
    }
  };
  return {
    async createProduct(product) {
      await post('/v1/products', product);
    },
    async restockProduct(sku, quantity, key) {
      await post(`/v1/products/${sku}:restock`, { quantity: String(quantity) }, key);
    },
    async createAccount(accountId, currency) {
      await post('/v1/accounts', { accountId, currency });
    },
    async depositMoney(accountId, amount, key) {
      await post(`/v1/accounts/${accountId}:deposit`, { amount }, key);
    },
    placeOrder: async (order, key) => (await post('/v1/orders', order, key)) as Order,
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A connection that fails counts as an answer of 503. */
async function send(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout_ms) });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    return { status: 503, body: { detail: (error as Error).message } };
  }
}

function explain({ status, body }: Answer): string {
  const problem = body as { title?: string; detail?: string };
  return `${status} ${problem.detail ?? problem.title ?? ''}`;
}
