/** The SQLSTATE of an error that PostgreSQL sent. */
export function sqlState(_error: unknown): string | undefined {
  throw new Error('to be written');
}

/** Whether the same work may succeed another time, or may even have succeeded: connections lost, deadlocks, timeouts. */
export function isTransient(_error: unknown): boolean {
  throw new Error('to be written');
}
