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

/** Sends orders to a gateway, and sends them again under the same key until they are answered. */
export interface Customer {
  place(order: NewOrder, idempotencyKey: string): Promise<Placed>;
  close(): Promise<void>;
}

export interface CustomerOptions {
  readonly connections: number;
  /** How long an order is sent again and again; 60 s. */
  readonly patience_ms?: number;
}

const attemptTimeout_ms = 20_000;
const shortestPause_ms = 50;
const longestPause_ms = 1000;
/** Statuses that say nothing about the order itself. */
const transient = new Set([429, 502, 503, 504]);

export function openCustomer(url: string, { connections, patience_ms = 60_000 }: CustomerOptions): Customer {
  const pool = new Pool(url, { connections, headersTimeout: attemptTimeout_ms, bodyTimeout: attemptTimeout_ms });
  return {
    async place(order, idempotencyKey) {
      const end_ms = performance.now() + patience_ms;
      const body = JSON.stringify(order);
      for (let retries = 0; ; retries++) {
        const outcome = await send(pool, body, idempotencyKey);
        if (outcome.type !== 'unanswered' || performance.now() > end_ms) return { outcome, retries };
        await sleep(Math.random() * Math.min(longestPause_ms, shortestPause_ms * 2 ** retries));
      }
    },
    close: () => pool.destroy(),
  };
}

async function send(pool: Pool, body: string, key: string): Promise<Outcome> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  try {
    const response = await pool.request({ method: 'POST', path: '/v1/orders', headers, body });
    return judge(response.statusCode, await response.body.json());
  } catch (error) {
    return { type: 'unanswered', reason: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

function judge(status: number, answer: unknown): Outcome {
  if (transient.has(status)) return { type: 'unanswered', reason: String(status) };
  const { status: orderStatus, rejection } = answer as Order;
  if (status === 201 && orderStatus === 'CONFIRMED') return { type: 'confirmed' };
  if (status === 201 && orderStatus === 'REJECTED')
    return { type: 'rejected', reason: rejection?.code ?? 'without a reason' };
  const { title, detail } = answer as { title?: string; detail?: string };
  return { type: 'failed', reason: `${status} ${detail ?? title ?? orderStatus}` };
}
