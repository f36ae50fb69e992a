// What a history is made of: one JSON document per line, as they happened.
//
//     {"type":"begin", …}     first
//     {"type":"invoke", …}    somebody asks for something
//     {"type":"ok" | "fail" | "unknown", …}    and this is what came of it, by the same id
//     {"type":"end", …}       last; without it the history is truncated
import type { NewOrder } from '../api.ts';

export type Line = Begin | Invoke | Completion | End;

export const version = 1;

export interface Begin {
  readonly type: 'begin';
  readonly version: number;
  /** Whatever account or product begins with it and a '-' is only touched by what is written here (or in a history given along). */
  readonly scope: string;
  readonly time: number;
}

export interface Invoke {
  readonly type: 'invoke';
  /** From 1, in the order of the lines. */
  readonly id: number;
  /** Who asks: one thing at a time, but for client 0, who supplies the shop. */
  readonly client: number;
  /** In milliseconds since 1970, by a clock that never goes back in a file. */
  readonly time: number;
  readonly operation: Operation;
}

export type Completion = { readonly id: number; readonly time: number } & Outcome;

/** An operation that is sent again under its key is one operation, and this is its last answer. */
export type Outcome =
  | { readonly type: 'ok'; readonly output: Output }
  /** It was refused: it hasn't been done, and won't be. */
  | { readonly type: 'fail'; readonly error: string }
  /** It may have been done, or may be done later. */
  | { readonly type: 'unknown'; readonly error: string };

export interface End {
  readonly type: 'end';
  readonly time: number;
  /** How many were invoked. */
  readonly operations: number;
}

/** Amounts are of minor units, and less than 2^53. */
export type Operation =
  | { readonly op: 'createProduct'; readonly sku: string; readonly price: number; readonly currency: string }
  | { readonly op: 'restock'; readonly sku: string; readonly quantity: number; readonly key: string }
  | { readonly op: 'createAccount'; readonly accountId: string; readonly currency: string }
  | { readonly op: 'deposit'; readonly accountId: string; readonly amount: number; readonly key: string }
  | ({ readonly op: 'place'; readonly key: string } & NewOrder)
  | { readonly op: 'cancel'; readonly orderId: string }
  | { readonly op: 'getOrder'; readonly orderId: string }
  | { readonly op: 'getProduct'; readonly sku: string }
  | { readonly op: 'getAccount'; readonly accountId: string };

export type Output = OrderSeen | ProductSeen | AccountSeen | Readonly<Record<string, never>>;

/** Of place, cancel and getOrder. */
export interface OrderSeen {
  readonly orderId: string;
  readonly status: string;
  readonly total: number;
  /** The code of its rejection. */
  readonly rejection?: string;
}

/** Of getProduct. */
export interface ProductSeen {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

/** Of getAccount. */
export interface AccountSeen {
  readonly balance: number;
  readonly held: number;
}
