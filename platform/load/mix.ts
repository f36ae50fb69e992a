/** What happens beside plain orders: each a share of the orders, from 0 to 1. */
export interface Mix {
  /** An order is cancelled, perhaps by two at the same time. */
  readonly cancel: number;
  /** An order, a product or an account is read. */
  readonly read: number;
  /** An order is sent once more under its key, perhaps at the same time. */
  readonly replay: number;
  /**
   * An order may well be rejected, for want of stock or money. A quarter as often some of that is supplied, and an order
   * is placed that is wrong and will be refused.
   */
  readonly reject: number;
  /** An order wants one of the few products that many want. */
  readonly hot: number;
}

/** Nothing but orders that can be confirmed. */
export const plain: Mix = { cancel: 0, read: 0, replay: 0, reject: 0, hot: 0 };

/** What tells the most about a platform; the default when a history is written. */
export const varied: Mix = { cancel: 0.1, read: 0.3, replay: 0.05, reject: 0.1, hot: 0.2 };
