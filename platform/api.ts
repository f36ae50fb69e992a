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
const usualPatience_ms = 30_000;
const pause_ms = 100;
const timeout_ms = 20_000;

/**
 * Fails with what the gateway's problem document says, or with what to do when there is no gateway.
 *
 * @param patience_ms for how long a request is sent again that wasn't answered, or with something that says nothing about it
 */
export function openApi(base: string, patience_ms: number = usualPatience_ms): Api {
  const post = async (path: string, body: object, key?: string) => {
    const headers = { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) };
    const end_ms = performance.now() + patience_ms;
    for (;;) {
      const answer = await send(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (answer.status !== undefined && answer.status < 300) return answer.body;
      const isFinal = answer.status !== undefined && !transient.has(answer.status);
      if (isFinal || performance.now() > end_ms) throw new Error(`POST ${base}${path}: ${explain(answer)}`);
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
  /** Of HTTP; undefined when there was no answer. */
  readonly status?: number;
  readonly body: Problem;
}

/** What a problem document says; of an answer that came to nothing, why. */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const answer = await exchange(url, init);
  if ('failure' in answer) return { body: { detail: answer.failure } };
  const { status, text } = answer;
  const body = parse(text);
  if (status < 300 && !body) throw new Error(`${url}: ${stranger}`);
  return { status, body: body ?? { detail: stranger } };
}

const stranger = "whoever answers there isn't Assent's gateway";
const untrusted = /CERT|VERIFY|SELF_SIGNED|ALTNAME/;

async function exchange(
  url: string,
  init: RequestInit,
): Promise<{ status: number; text: string } | { failure: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout_ms) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { code, message } = reasonOf(error);
    if (untrusted.test(code))
      throw new Error(`${url}: ${message}; NODE_EXTRA_CA_CERTS=FILE names an authority to trust`);
    return { failure: `no answer (${message}); is it the address of the gateway's REST?` };
  }
}

function parse(text: string): Problem | undefined {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return undefined;
  }
}

/** fetch says why in the cause of its error; with several addresses, in the first of its errors. */
function reasonOf(error: unknown): { code: string; message: string } {
  const { cause = error } = error as Error;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return { code, message: message || code };
}

function explain({ status, body }: Answer): string {
  return [status, body.detail ?? body.title].filter(Boolean).join(' ');
}
