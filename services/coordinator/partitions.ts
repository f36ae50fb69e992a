// Which partitions the log should have. No I/O, no clock.

/** A partition of the log, and the time of the transactions that it holds: from `from_ms` until before `to_ms`. */
export interface Partition {
  readonly name: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** How many periods there must be beyond the one that is under way. */
const ahead = 2;

/** Those to be made, so that the present and the near future have theirs. A period that has been changed leaves no gap. */
export function missingPartitions(existing: readonly Partition[], now_ms: number, period_ms: number): Partition[] {
  const current_ms = startOf(now_ms, period_ms);
  const missing: Partition[] = [];
  let from_ms = Math.max(current_ms, ...existing.map(({ to_ms }) => to_ms));
  while (from_ms < current_ms + (1 + ahead) * period_ms) {
    const to_ms = startOf(from_ms, period_ms) + period_ms;
    missing.push({ name: nameOf(from_ms), from_ms, to_ms });
    from_ms = to_ms;
  }
  return missing;
}

/** Those that hold nothing younger than `retention_ms`, oldest first. */
export function oldPartitions(existing: readonly Partition[], now_ms: number, retention_ms: number): Partition[] {
  return existing.filter(({ to_ms }) => to_ms <= now_ms - retention_ms).sort((one, other) => one.to_ms - other.to_ms);
}

/** The smallest id of that millisecond: a UUID of version 7 begins with it. */
export function lowestId(time_ms: number): string {
  const hex = Math.max(0, Math.floor(time_ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The time in an id. */
export function timeOf(transactionId: string): number {
  return Number.parseInt(transactionId.replaceAll('-', '').slice(0, 12), 16);
}

function startOf(time_ms: number, period_ms: number): number {
  return Math.floor(time_ms / period_ms) * period_ms;
}

/** Such as transactions_20261123t000000000. */
function nameOf(from_ms: number): string {
  return `transactions_${new Date(from_ms)
    .toISOString()
    .replaceAll(/[-:.Z]/g, '')
    .toLowerCase()}`;
}
