import { setTimeout as sleep } from 'node:timers/promises';
import { backoff_ms } from '@assent/rpc';

const backoff = { first_ms: 20, cap_ms: 2_000 } as const;

/** Waits before attempt `attempt` + 1, so that peers don't try in step. */
export async function pause(attempt: number): Promise<void> {
  await sleep(backoff_ms(attempt, backoff, Math.random()));
}
