// Placing and cancelling: what is between a request and the transaction that fulfils it.
import { keyReused, read } from '@assent/messages';
import type { Database } from '@assent/postgres';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponse } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import { type Call, RpcError } from '@assent/rpc';
import type { TransactionClient } from '@assent/transactions/client';
import { batched } from './batch.ts';
import type { Catalogue } from './catalogue.ts';
import { cancellation, checkout } from './checkout.ts';
import {
  aborted,
  asDecided,
  checkoutKey,
  type Decision,
  fingerprint,
  type Offer,
  type Order,
  type Priced,
  price,
  type Rejection,
  type Wanted,
} from './order.ts';
import * as store from './store.ts';

export interface OrdersOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly coordinator: TransactionClient;
  /** How long a transaction may take to be decided. */
  readonly timeout_ms: number;
}

export type Orders = ReturnType<typeof createOrders>;

type Decided = RunTransactionResponse & { readonly state: Decision };

/** How long applying what was decided may take before the caller is told to ask again. */
export const applying_ms = 20_000;

export function createOrders({ database, catalogue, coordinator, timeout_ms }: OrdersOptions) {
  const find = batched((orderIds) => store.getOrders(database, orderIds), { batch: 500, waiting: 10_000 });

  async function get(orderId: string): Promise<Order> {
    const order = await find(orderId);
    if (!order) throw new RpcError('NOT_FOUND', 'there is no order with this id', { reason: 'ORDER_NOT_FOUND' });
    return order;
  }

  async function quote(wanted: Wanted): Promise<Priced> {
    const offers = new Map<string, Offer>();
    const [currency] = await Promise.all([
      catalogue.currencies.get(wanted.accountId),
      ...wanted.lines.map(async ({ sku }) => {
        const found = await catalogue.offers.get(sku);
        if (found) offers.set(sku, found);
      }),
    ]);
    return read((is) => price(is, wanted, offers, currency));
  }

  /** Until the transaction is decided. When it isn't applied then, it may take a person to end it. */
  async function run(call: Call, request: RunTransactionRequestInput): Promise<Decided> {
    const timeout = { seconds: Math.floor(timeout_ms / 1000), nanos: (timeout_ms % 1000) * 1_000_000 };
    const answer = await coordinator.runTransaction(
      { ...request, timeout, waitFor: 'APPLIED' },
      { parent: call, timeout_ms: timeout_ms + applying_ms },
    );
    if (isDecided(answer)) return answer;
    throw takingLong();
  }

  /**
   * The order that an aborted transaction has left. When even writing it down has come to nothing (the transaction timed
   * out before), it is written down now, as REJECTED: the key has been used up, and its answer must never change. No
   * operation of an aborted transaction can come any more, so nobody else writes it.
   */
  async function rejected(orderId: string, priced: Priced, rejection: Rejection | null): Promise<Order> {
    await store.insertOrders(database, [{ ...priced, orderId, rejection: rejection ?? aborted }]);
    return get(orderId);
  }

  return {
    get,

    /**
     * Places an order, or gives the one that the key has placed before: what is in the database counts, because prices
     * may have been others then.
     */
    async place(wanted: Wanted, idempotencyKey: string, call: Call): Promise<Order> {
      const priced = await quote(wanted);
      const { transactionId, state, rejection } = await run(call, {
        idempotencyKey: checkoutKey(wanted.accountId, idempotencyKey),
        fingerprint: fingerprint(wanted),
        branches: checkout(priced),
      }).catch((error) => {
        throw error instanceof RpcError && error.code === 'ALREADY_EXISTS' ? keyReused() : error;
      });
      if (rejection?.code === 'PRICE_CHANGED') for (const { sku } of wanted.lines) catalogue.offers.drop(sku);
      const order = await find(transactionId);
      if (state === 'ABORTED' && !order) return rejected(transactionId, priced, rejection);
      if (!order) throw state === 'ABORTING' ? takingLong() : missing(transactionId);
      return asDecided(order, state, rejection);
    },

    /**
     * Cancels an order. Those who do so at the same time share one transaction; an attempt that came to nothing isn't the
     * last. It stays CANCELLING while something keeps that transaction, once decided, from being applied.
     */
    async cancel(orderId: string, call: Call): Promise<Order> {
      const order = await get(orderId);
      if (order.status === 'CANCELLED') return order;
      if (order.status === 'PENDING') throw pending();
      if (order.status === 'REJECTED') throw notConfirmed(order);
      const { state, rejection } = await run(call, {
        idempotencyKey: `cancel:${orderId}:${order.cancellations}`,
        branches: cancellation(order),
      });
      if (state === 'COMMITTED' || state === 'COMMITTING') return get(orderId);
      if (state === 'ABORTING') throw takingLong();
      await store.countCancellation(database, order);
      throw new RpcError('ABORTED', 'the order could not be cancelled now; try again', {
        reason: rejection?.code ?? 'ABORTED',
        retryDelay_ms: 1000,
      });
    },
  };
}

function isDecided(answer: RunTransactionResponse): answer is Decided {
  return ['COMMITTED', 'COMMITTING', 'ABORTED', 'ABORTING'].includes(answer.state);
}

function takingLong(): RpcError {
  return new RpcError('UNAVAILABLE', 'this is taking long; ask again with the same request', { retryDelay_ms: 1000 });
}

function missing(transactionId: string): Error {
  return new Error(`the order of the committed transaction ${transactionId} is missing`);
}

/** Not a no: the order may be confirmed in a moment. */
function pending(): RpcError {
  return new RpcError('ABORTED', 'the order is still being placed; try again', {
    reason: 'ORDER_PENDING',
    retryDelay_ms: 1000,
  });
}

function notConfirmed({ status }: Order): RpcError {
  return new RpcError('FAILED_PRECONDITION', `only a confirmed order can be cancelled; this one is ${status}`, {
    reason: 'ORDER_NOT_CONFIRMED',
  });
}
