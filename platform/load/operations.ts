// The operations of a history as requests to the gateway, and what their answers say.
import type { Order } from '../api.ts';
import type { Operation, Outcome, Output } from '../history/line.ts';
import type { History } from '../history/write.ts';
import { type Asked, type Customer, explain, type Request } from './customer.ts';

/** Those that are sent while orders come in. */
export type Sent = Extract<Operation, { op: 'place' | 'cancel' | 'getOrder' | 'getProduct' | 'getAccount' }>;

/** Sends it as one of the clients, and writes that down when there is a history. */
export async function perform(
  customer: Customer,
  history: History | undefined,
  client: number,
  operation: Sent,
): Promise<Asked> {
  const complete = history?.invoke(client, operation);
  const asked = await customer.ask(requestOf(operation));
  complete?.(recordOf(operation, asked));
  return asked;
}

function requestOf(operation: Sent): Request {
  switch (operation.op) {
    case 'place': {
      const { op: _, key, ...body } = operation;
      return { method: 'POST', path: '/v1/orders', body, key };
    }
    case 'cancel':
      return { method: 'POST', path: `/v1/orders/${operation.orderId}:cancel`, body: {} };
    case 'getOrder':
      return { method: 'GET', path: `/v1/orders/${operation.orderId}` };
    case 'getProduct':
      return { method: 'GET', path: `/v1/products/${operation.sku}` };
    case 'getAccount':
      return { method: 'GET', path: `/v1/accounts/${operation.accountId}` };
  }
}

/** These say that the request itself is wrong, whoever looks at it and when. */
const refusals = [400, 404, 422];

/**
 * What is known by an answer. Once a request was sent again an earlier one may still be on its way, so a refusal means no
 * more that it never will be done.
 */
function recordOf(operation: Sent, { status, body, error, retries }: Asked): Outcome {
  if (status === undefined) return { type: 'unknown', error: error ?? 'no answer' };
  if (status < 300) return { type: 'ok', output: outputOf(operation, body) };
  const type = refusals.includes(status) && (retries === 0 || operation.op.startsWith('get')) ? 'fail' : 'unknown';
  return { type, error: `${status} ${explain(body)}` };
}

function outputOf(operation: Sent, body: unknown): Output {
  switch (operation.op) {
    case 'place':
    case 'cancel':
    case 'getOrder': {
      const { orderId, status, total, rejection } = body as Order;
      return { orderId, status, total: Number(total?.amount), ...(rejection && { rejection: rejection.code }) };
    }
    case 'getProduct': {
      const { available, reserved, sold } = body as Record<'available' | 'reserved' | 'sold', string>;
      return { available: Number(available), reserved: Number(reserved), sold: Number(sold) };
    }
    case 'getAccount': {
      const { balance, held } = body as Record<'balance' | 'held', { amount: string }>;
      return { balance: Number(balance.amount), held: Number(held.amount) };
    }
  }
}
