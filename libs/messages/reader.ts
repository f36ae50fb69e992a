import { isCurrency, type Money, type MoneyMessage, parseInt64 } from '@assent/money';
import { invalid, type Violation } from '@assent/rpc';
import { keyInToken, type Page } from './page.ts';

/**
 * Reads the fields of one request. Each function returns the value, or notes what is wrong with the field and returns
 * something of the right type that nobody gets to see. No description repeats what the caller sent.
 */
export interface Reader {
  /** Notes what is wrong with a field. */
  wrong(field: string, description: string): void;
  /** An id that people choose: an SKU, an account. */
  id(field: string, value: string): string;
  /** In lower case. */
  uuid(field: string, value: string): string;
  /** Something for people to read, of 1 to `max` characters. */
  text(field: string, value: string, max: number): string;
  idempotencyKey(value: string): string;
  integer(field: string, value: number, min: number, max: number): number;
  int64(field: string, value: string, min: bigint, max: bigint): bigint;
  oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T;
  currency(field: string, value: string): string;
  money(field: string, value: MoneyMessage | null, min: bigint): Money;
  /** Of a list that is ordered by keys of this kind. */
  page(request: PageRequest, list: string, key: KeyKind): Page;
}

export type KeyKind = 'id' | 'uuid' | 'int64';

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

// Violations travel in HTTP/2 trailers, which have a limit.
const maxViolations = 16;
const defaultPageSize = 50;
const maxPageSize = 1000;

const patterns = {
  id: /^[A-Za-z0-9._-]{1,64}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  key: /^[\x20-\x7e]{1,200}$/,
  // PostgreSQL's text has neither NUL nor lone surrogates.
  unreadable: /[\p{Cc}\p{Cs}]/u,
};

/** What `work` reads from a request; fails with one INVALID_ARGUMENT that names all fields that are wrong. */
export function read<T>(work: (reader: Reader) => T): T {
  const violations: Violation[] = [];
  const value = work(readerOf((field, description) => violations.push({ field, description })));
  if (violations.length > 0) throw invalid(violations.slice(0, maxViolations));
  return value;
}

function readerOf(wrong: Reader['wrong']): Reader {
  function matching(pattern: RegExp, allowed: string) {
    return (field: string, value: string) => {
      if (!pattern.test(value)) wrong(field, `must be ${allowed}`);
      return value;
    };
  }

  const uuid = matching(patterns.uuid, 'a UUID');
  const key = matching(patterns.key, '1 to 200 printable ASCII characters');

  function text(field: string, value: string, max: number): string {
    // A character takes two units at most: what is longer isn't worth being counted.
    const fits = value.length > 0 && value.length <= 2 * max && [...value].length <= max;
    if (!fits) wrong(field, `must be 1 to ${max} characters`);
    else if (patterns.unreadable.test(value)) wrong(field, 'must not have control characters or lone surrogates');
    return value;
  }

  function integer(field: string, value: number, min: number, max: number): number {
    if (!Number.isInteger(value) || value < min || value > max) wrong(field, `must be ${min} to ${max}`);
    return value;
  }

  function int64(field: string, value: string, min: bigint, max: bigint): bigint {
    const number = parseInt64(value);
    if (number !== undefined && number >= min && number <= max) return number;
    wrong(field, `must be ${min} to ${max}`);
    return min;
  }

  function oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
    if (!allowed.includes(value as T)) wrong(field, `must be one of ${allowed.join(', ')}`);
    return value as T;
  }

  function currency(field: string, value: string): string {
    if (!isCurrency(value)) wrong(field, 'must be three capital letters (ISO 4217)');
    return value;
  }

  function money(field: string, value: MoneyMessage | null, min: bigint): Money {
    if (!value) wrong(field, 'is required');
    return {
      amount: value ? int64(`${field}.amount`, value.amount, min, 2n ** 63n - 1n) : min,
      currency: value ? currency(`${field}.currency`, value.currency) : '',
    };
  }

  function page({ pageSize, pageToken }: PageRequest, list: string, kind: KeyKind): Page {
    const size = integer('pageSize', pageSize, 0, maxPageSize) || defaultPageSize;
    if (pageToken === '') return { size, after: undefined, list };
    const after = keyInToken(list, pageToken);
    if (after === undefined || !isKey(kind, after)) wrong('pageToken', 'must be the nextPageToken of the same list');
    return { size, after, list };
  }

  return {
    wrong,
    id: matching(patterns.id, "1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'"),
    uuid: (field, value) => uuid(field, value).toLowerCase(),
    text,
    idempotencyKey: (value) => key('idempotencyKey', value),
    integer,
    int64,
    oneOf,
    currency,
    money,
    page,
  };
}

function isKey(kind: KeyKind, key: string): boolean {
  return kind === 'int64' ? parseInt64(key) !== undefined : patterns[kind].test(key);
}
