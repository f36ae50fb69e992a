// What an order is, and what the shop accepts as one: without a database.
import { createHash } from 'node:crypto';
import type { Reader } from '@assent/messages';
import { addMoney, type Money, MoneyError, multiplyMoney } from '@assent/money';

export const modes = ['SAGA', 'TCC', 'TWO_PHASE'] as const;

/** How the transaction that places an order is carried out. */
export type Mode = (typeof modes)[number];

export type Status = 'PENDING' | 'CONFIRMED' | 'REJECTED' | 'CANCELLING' | 'CANCELLED';

/** What somebody wants to order. */
export interface Wanted {
  readonly accountId: string;
  readonly mode: Mode;
  /** Each product once. */
  readonly lines: readonly WantedLine[];
}

export interface WantedLine {
  readonly sku: string;
  readonly quantity: number;
}

/** What it costs. */
export interface Priced extends Wanted {
  readonly lines: readonly Line[];
  readonly total: Money;
}

export interface Line extends WantedLine, Offer {}

/** How a product can be had. */
export interface Offer {
  /** Of one. */
  readonly unitPrice: Money;
  /** In which of the inventory's databases it is, which never changes. */
  readonly shard: number;
}

export interface Rejection {
  /** UPPER_SNAKE_CASE. */
  readonly code: string;
  readonly message: string;
}

export interface Order extends Priced {
  readonly orderId: string;
  readonly status: Status;
  /** Why it is REJECTED. */
  readonly rejection?: Rejection;
  /** How many attempts to cancel it have come to nothing. */
  readonly cancellations: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a transaction has come to; with -ING not all of it is applied yet. */
export type Decision = 'COMMITTED' | 'COMMITTING' | 'ABORTED' | 'ABORTING';

/** Why an order is REJECTED of which nothing better is known. */
export const aborted: Rejection = { code: 'ABORTED', message: 'the transaction was aborted' };

export const maxLines = 100;
const maxQuantity = 1_000_000;

/** Whether an order will never change again. */
export function isFinal(status: Status): boolean {
  return status === 'REJECTED' || status === 'CANCELLED';
}

/**
 * An order as its transaction's decision makes it: PENDING in the database until all is applied (nobody may cancel it
 * before), but already known to become CONFIRMED or REJECTED.
 */
export function asDecided(order: Order, decision: Decision, rejection: Rejection | null): Order {
  if (order.status !== 'PENDING') return order;
  if (decision === 'COMMITTED' || decision === 'COMMITTING') return { ...order, status: 'CONFIRMED' };
  return { ...order, status: 'REJECTED', rejection: rejection ?? aborted };
}

/** Reads lines, and notes what is wrong with them. */
export function readLines(is: Reader, lines: readonly WantedLine[]): WantedLine[] {
  if (lines.length < 1 || lines.length > maxLines) {
    is.wrong('lines', `must be 1 to ${maxLines}`);
    return [];
  }
  const seen = new Set<string>();
  return lines.map(({ sku, quantity }, i) => {
    if (seen.has(sku)) is.wrong(`lines[${i}].sku`, 'must be in one line only');
    seen.add(sku);
    return {
      sku: is.id(`lines[${i}].sku`, sku),
      quantity: is.integer(`lines[${i}].quantity`, quantity, 1, maxQuantity),
    };
  });
}

/** Puts prices to lines and adds them up, and notes why that can't be done: the products and the account must exist and share a currency. */
export function price(
  is: Pick<Reader, 'wrong'>,
  wanted: Wanted,
  offers: ReadonlyMap<string, Offer>,
  currency: string | undefined,
): Priced {
  if (currency === undefined) is.wrong('accountId', 'is not an account');
  let total: Money | undefined;
  const lines = wanted.lines.map((line, i) => {
    const offer = offers.get(line.sku);
    if (!offer) {
      is.wrong(`lines[${i}].sku`, 'is not a product');
      return { ...line, unitPrice: { amount: 0n, currency: '' }, shard: 0 };
    }
    try {
      const subtotal = multiplyMoney(offer.unitPrice, line.quantity);
      total = total ? addMoney(total, subtotal) : subtotal;
    } catch (error) {
      noteMoneyError(is, i, error);
    }
    return { ...line, ...offer };
  });
  if (total && currency !== undefined && total.currency !== currency) {
    is.wrong('accountId', `is an account in ${currency}, the products are priced in ${total.currency}`);
  }
  return { ...wanted, lines, total: total ?? { amount: 0n, currency: '' } };
}

function noteMoneyError(is: Pick<Reader, 'wrong'>, i: number, error: unknown): void {
  if (!(error instanceof MoneyError)) throw error;
  if (error.code === 'OVERFLOW') is.wrong(`lines[${i}].quantity`, 'makes the total exceed 64 bits');
  else is.wrong(`lines[${i}].sku`, 'is priced in another currency than the lines before it');
}

/** What an idempotency key stands for: the same request has the same digest, whatever the prices are by now. */
export function fingerprint({ accountId, mode, lines }: Wanted): string {
  return digest(JSON.stringify([accountId, mode, lines.map(({ sku, quantity }) => [sku, quantity])]));
}

/** The key of an order's transaction. An account's keys are its own; a digest keeps any of them within the coordinator's limit. */
export function checkoutKey(accountId: string, idempotencyKey: string): string {
  return `order:${accountId}:${digest(idempotencyKey)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
