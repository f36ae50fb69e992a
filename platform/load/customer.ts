import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { NewOrder, Order } from '../api.ts';

/** What became of an order. */
export type Outcome =
  | { readonly type: 'confirmed' }
  | { readonly type: 'rejected'; readonly reason: string }
  /** Answered with an error that trying again wouldn't change. */
  | { readonly type: 'failed'; readonly reason: string }
  /** Not answered in time. */
  | { readonly type: 'unanswered'; readonly reason: string };

export interface Placed {
  readonly outcome: Outcome;
  /** How often it was sent again. */
  readonly retries: number;
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
}

/** The last answer to a request. */
export interface Asked {
  /** Of HTTP; undefined when there was no answer, or one that says nothing about the request, until patience was over. */
  readonly status?: number;
  readonly body?: unknown;
  /** Without a status: why. */
  readonly error?: string;
  readonly retries: number;
}

/** Sends requests to a gateway, and sends them again under the same key until they are answered. */
export interface Customer {
  ask(request: Request): Promise<Asked>;
  place(order: NewOrder, idempotencyKey: string): Promise<Placed>;
  close(): Promise<void>;
}

export interface CustomerOptions {
  readonly connections: number;
  /** How long a request is sent again and again; 60 s. */
  readonly patience_ms?: number;
  /** How often at most it is sent again in that time; as often as it takes. */
  readonly retries?: number;
  /** Hears of each attempt that came to nothing, and why. */
  readonly onMiss?: (error: string) => void;
}

const attemptTimeout_ms = 20_000;
const shortestPause_ms = 50;
const longestPause_ms = 1000;
/** Statuses that say nothing about the order itself. */
const transient = new Set([429, 502, 503, 504]);

export function openCustomer(url: string, options: CustomerOptions): Customer {
  const { connections, patience_ms = 60_000, retries: mostRetries = Number.POSITIVE_INFINITY, onMiss } = options;
  const pool = new Pool(url, { connections, headersTimeout: attemptTimeout_ms, bodyTimeout: attemptTimeout_ms });

  async function ask({ method, path, body, key }: Request): Promise<Asked> {
    const end_ms = performance.now() + patience_ms;
    const headers = { ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) };
    const request = { method, path, headers, body: body ? JSON.stringify(body) : null };
    for (let retries = 0; ; retries++) {
      const answer = await send(pool, request);
      if (answer.error !== undefined) onMiss?.(answer.error);
      const isOver = retries >= mostRetries || performance.now() > end_ms;
      if (answer.status !== undefined || isOver) return { ...answer, retries };
      await sleep(Math.random() * Math.min(longestPause_ms, shortestPause_ms * 2 ** retries));
    }
  }

  return {
    ask,
    async place(order, idempotencyKey) {
      const asked = await ask({ method: 'POST', path: '/v1/orders', body: order, key: idempotencyKey });
      return { outcome: outcomeOf(asked), retries: asked.retries };
    },
    close: () => pool.destroy(),
  };
}

async function send(pool: Pool, request: Parameters<Pool['request']>[0]): Promise<Omit<Asked, 'retries'>> {
  try {
    const { statusCode, body } = await pool.request(request);
    const content = await body.text();
    // Who stands in between may say in HTML that nobody is behind it.
    return transient.has(statusCode)
      ? { error: String(statusCode) }
      : { status: statusCode, body: JSON.parse(content) };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

/** What the answer to an order says. */
export function outcomeOf({ status, body, error }: Asked): Outcome {
  if (status === undefined) return { type: 'unanswered', reason: error ?? 'no answer' };
  const { status: orderStatus, rejection } = body as Order;
  if (status === 201 && orderStatus === 'CONFIRMED') return { type: 'confirmed' };
  if (status === 201 && orderStatus === 'REJECTED')
    return { type: 'rejected', reason: rejection?.code ?? 'without a reason' };
  return { type: 'failed', reason: `${status} ${explain(body)}` };
}

/** What a problem details document says, or the status of an order. */
export function explain(body: unknown): string {
  const { title, detail, status } = body as { title?: string; detail?: string; status?: unknown };
  return detail ?? title ?? String(status);
}
