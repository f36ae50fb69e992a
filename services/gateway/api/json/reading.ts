// What every reader of JSON shares: where it is in the document, and what it found wrong.
import type { Violation } from '@assent/rpc';

/** One reading of a JSON document. */
export interface Reading {
  /** Where the reader is: keys and indexes from the root. */
  readonly path: (string | number)[];
  readonly violations: Violation[];
  /** How many members all objects have had. */
  members: number;
}

/** Turns a JSON value into what the wire takes, or notes a violation. */
export type Reader = (value: unknown, reading: Reading) => unknown;

// Beyond this many the caller learns nothing new.
const maxViolations = 20;
const maxKeyLength = 64;

export function startReading(): Reading {
  return { path: [], violations: [], members: 0 };
}

/** Reads what is at a key or index of the value that the reader is at. */
export function readAt(reading: Reading, part: string | number, read: Reader, value: unknown): unknown {
  reading.path.push(part);
  const result = read(value, reading);
  reading.path.pop();
  return result;
}

/** Notes what is wrong with the value that the reader is at. */
export function wrong(reading: Reading, description: string): undefined {
  if (reading.violations.length < maxViolations)
    reading.violations.push({ field: pathText(reading.path), description });
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return `${text}${text && '.'}${part.slice(0, maxKeyLength).toWellFormed()}`;
  }, '');
}
