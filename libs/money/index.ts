// Amounts of money: integers in the smallest unit of a currency. What doesn't fit the contracts' int64 is an error, and
// so is arithmetic over two currencies.

export interface Money {
  /** In minor units: 1999n is 19.99 EUR. */
  readonly amount: bigint;
  /** ISO 4217, three capital letters. */
  readonly currency: string;
}

/** Money as the contracts and JSON carry it. */
export type MoneyMessage = {
  /** A decimal int64. */
  amount: string;
  currency: string;
};

export type MoneyErrorCode = 'MALFORMED' | 'OVERFLOW' | 'CURRENCY_MISMATCH';

export class MoneyError extends Error {
  readonly code: MoneyErrorCode;

  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.name = 'MoneyError';
    this.code = code;
  }
}

/** The largest int64. */
export const maxAmount = 2n ** 63n - 1n;
const minAmount = -(2n ** 63n);

const currencyPattern = /^[A-Z]{3}$/;
const int64Pattern = /^(0|-?[1-9]\d{0,18})$/;

/** Whether it looks like an ISO 4217 code. */
export function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && currencyPattern.test(value);
}

/** The int64 that a decimal string stands for; undefined when it stands for none. */
export function parseInt64(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !int64Pattern.test(value)) return undefined;
  const number = BigInt(value);
  return number >= minAmount && number <= maxAmount ? number : undefined;
}

/** Reads `{"amount":"1999","currency":"EUR"}`. */
export function parseMoney(value: unknown): Money {
  const { amount, currency } = (value ?? {}) as Partial<Record<keyof MoneyMessage, unknown>>;
  const parsed = parseInt64(amount);
  if (parsed === undefined) throw new MoneyError('MALFORMED', 'an amount must be a decimal 64-bit integer');
  if (!isCurrency(currency)) throw new MoneyError('MALFORMED', 'a currency must be three capital letters');
  return { amount: parsed, currency };
}

export function formatMoney({ amount, currency }: Money): MoneyMessage {
  return { amount: String(amount), currency };
}

export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency)
    throw new MoneyError('CURRENCY_MISMATCH', `${a.currency} and ${b.currency} don't add up`);
  return checked(a.amount + b.amount, a.currency);
}

/** The price of several. */
export function multiplyMoney({ amount, currency }: Money, quantity: number): Money {
  return checked(amount * BigInt(quantity), currency);
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency;
}

function checked(amount: bigint, currency: string): Money {
  if (amount < minAmount || amount > maxAmount) throw new MoneyError('OVERFLOW', 'the amount exceeds 64 bits');
  return { amount, currency };
}
