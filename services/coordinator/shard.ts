// Which shard of the log a transaction lives in. PROTOCOL.md has the reasons ("Shards").
import { hash, randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/** The id has 12 bits for it. */
export const maxShards = 4096;

/** A UUID v7 whose `rand_a` is the shard. */
export function newTransactionId(shard: number): string {
  // The generator puts the upper 12 bits of `seq` there.
  return uuidv7({ seq: ((shard << 20) | randomInt(1 << 20)) >>> 0 });
}

/** @param transactionId a UUID v7 of a transaction */
export function shardOfId(transactionId: string): number {
  return Number.parseInt(transactionId.slice(15, 18), 16);
}

/** The smallest id of those that are made at a time (since the epoch) or later, in whichever shard. */
export function firstIdAt(time_ms: number): string {
  const digits = Math.max(0, Math.floor(time_ms)).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

/**
 * The shard that decides whose an idempotency key is, and before it, if the newest shard has taken the key over, the one
 * that it was taken from, in which the key is claimed first.
 */
export function shardOfKey(
  idempotencyKey: string,
  shards: number,
): { readonly home: number; readonly former?: number } {
  const digest = BigInt(`0x${hash('sha256', idempotencyKey).slice(0, 16)}`);
  const home = jump(digest, shards);
  return home === shards - 1 && shards > 1 ? { home, former: jump(digest, shards - 1) } : { home };
}

/** Jump consistent hash (Lamping and Veach, 2014): with one bucket more, keys move to that bucket and nowhere else. */
function jump(key: bigint, buckets: number): number {
  let state = key;
  let bucket = 0;
  for (let next = 0; next < buckets; ) {
    bucket = next;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    next = Math.floor((bucket + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
  }
  return bucket;
}
