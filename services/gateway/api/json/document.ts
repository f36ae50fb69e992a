// JSON documents as bytes.
import { isUtf8 } from 'node:buffer';
import { RpcError } from '@assent/rpc';
import type { Reader, Reading } from './reading.ts';

/**
 * Reads a document as a message; no bytes at all are an empty one. What the reader finds wrong is in the reading. Throws
 * INVALID_ARGUMENT for what isn't UTF-8, isn't JSON, or has a name twice in one object (JSON.parse drops the first).
 */
export function readDocument(bytes: Buffer, read: Reader, reading: Reading): Record<string, unknown> {
  if (!isUtf8(bytes)) throw new RpcError('INVALID_ARGUMENT', 'the body is not UTF-8');
  const text = bytes.length === 0 ? '{}' : bytes.toString();
  const message = (read(parse(text), reading) ?? {}) as Record<string, unknown>;
  if (reading.violations.length === 0 && reading.members !== countMembers(text)) {
    throw new RpcError('INVALID_ARGUMENT', 'the body has a name twice');
  }
  return message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RpcError('INVALID_ARGUMENT', 'the body is not JSON', { cause });
  }
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** How many members the objects of a valid document have: each has one colon outside of strings. */
function countMembers(text: string): number {
  let members = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) inString = !inString;
    else if (character === backslash) at++;
    else if (character === colon && !inString) members++;
  }
  return members;
}
