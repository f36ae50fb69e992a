// Operators that are known by a token each.
import { createHash, timingSafeEqual } from 'node:crypto';

/** An operator, known by the SHA-256 of a token: the token itself is nowhere here. */
export interface Operator {
  /** For the audit. */
  readonly name: string;
  readonly tokenHash: Buffer;
}

/** Compares with all of them, however soon one fits: how long it takes tells nothing. */
export function findOperator(operators: readonly Operator[], token: string): Operator | undefined {
  const hash = createHash('sha256').update(token).digest();
  return operators.filter(({ tokenHash }) => timingSafeEqual(tokenHash, hash))[0];
}

/** From `alice:9f86d0…,bob:60303a…`; undefined when it isn't like that. */
export function parseOperators(text: string): Operator[] | undefined {
  const entries = text.split(',').map((entry) => /^([A-Za-z0-9._-]{1,64}):([0-9a-f]{64})$/i.exec(entry.trim()));
  if (entries.includes(null)) return undefined;
  return entries.map((entry) => ({ name: entry![1]!, tokenHash: Buffer.from(entry![2]!, 'hex') }));
}
