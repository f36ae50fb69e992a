// The proto3 JSON mapping of single values (https://protobuf.dev/programming-guides/json).
import type { Enum } from 'protobufjs';
import { type Reader, wrong } from './reading.ts';

/** The mapping of one type of value, both ways. */
export interface Scalar {
  readonly read: Reader;
  /** From what the wire gives. */
  readonly write: (value: unknown) => unknown;
}

const same = (value: unknown): unknown => value;

/** 32-bit integers: numbers, or strings of digits. */
function integer(least: number, most: number): Scalar {
  return {
    read(value, reading) {
      const number = typeof value === 'string' && wholeNumber.test(value) ? Number(value) : value;
      const good = Number.isInteger(number) && (number as number) >= least && (number as number) <= most;
      return good ? number : wrong(reading, `must be a whole number from ${least} to ${most}`);
    },
    write: same,
  };
}

/** 64-bit integers: strings of digits, or numbers that are exact in JSON. Written as strings. */
function longInteger(least: bigint, most: bigint): Scalar {
  return {
    read(value, reading) {
      if (Number.isSafeInteger(value) && BigInt(value as number) >= least) return value;
      if (typeof value === 'string' && wholeNumber.test(value) && value.length <= 20) {
        const number = BigInt(value);
        if (number >= least && number <= most) return value;
      }
      return wrong(
        reading,
        `must be a whole number from ${least} to ${most}; beyond ±${Number.MAX_SAFE_INTEGER} a string`,
      );
    },
    write: String,
  };
}

const wholeNumber = /^-?(?:0|[1-9]\d*)$/;

function floating(most: number): Scalar {
  const special: unknown[] = ['NaN', 'Infinity', '-Infinity'];
  return {
    read(value, reading) {
      if (special.includes(value)) return Number(value);
      const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
      return typeof number === 'number' && Math.abs(number) <= most ? number : wrong(reading, 'must be a number');
    },
    write: (value) => (Number.isFinite(value) ? value : String(value)),
  };
}

const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const string: Scalar = {
  read(value, reading) {
    if (typeof value !== 'string') return wrong(reading, 'must be a string');
    return value.isWellFormed() ? value : wrong(reading, 'must be valid Unicode, without lone surrogates');
  },
  write: same,
};

const bool: Scalar = {
  read: (value, reading) => (typeof value === 'boolean' ? value : wrong(reading, 'must be true or false')),
  write: same,
};

const bytes: Scalar = {
  read(value, reading) {
    const good = typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value);
    return good ? Buffer.from(value, 'base64') : wrong(reading, 'must be base64');
  },
  write: (value) => Buffer.from(value as Uint8Array).toString('base64'),
};

const int32 = integer(-(2 ** 31), 2 ** 31 - 1);
const uint32 = integer(0, 2 ** 32 - 1);
const int64 = longInteger(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = longInteger(0n, 2n ** 64n - 1n);

/** By the type's name in the contract. */
export const scalars: ReadonlyMap<string, Scalar> = new Map([
  ['int32', int32],
  ['sint32', int32],
  ['sfixed32', int32],
  ['uint32', uint32],
  ['fixed32', uint32],
  ['int64', int64],
  ['sint64', int64],
  ['sfixed64', int64],
  ['uint64', uint64],
  ['fixed64', uint64],
  ['float', floating(3.4028234663852886e38)],
  ['double', floating(Number.MAX_VALUE)],
  ['string', string],
  ['bool', bool],
  ['bytes', bytes],
]);

/** Enums: names, or their numbers. Written as names; the unspecified value is left out. */
export function enumeration(type: Enum): Scalar {
  const numbers = new Map<unknown, number>(Object.entries(type.values));
  for (const number of Object.values(type.values)) numbers.set(number, number);
  const allowed = enumNames(type).join(', ');
  return {
    read: (value, reading) => numbers.get(value) ?? wrong(reading, `must be one of ${allowed}`),
    write: (value) =>
      value === 0 && isUnspecified(type.valuesById[0]) ? undefined : (type.valuesById[value as number] ?? value),
  };
}

/** The names that mean something. */
export function enumNames(type: Enum): string[] {
  return Object.keys(type.values).filter((name) => !isUnspecified(name));
}

function isUnspecified(name: string | undefined): boolean {
  return name?.endsWith('_UNSPECIFIED') === true;
}
