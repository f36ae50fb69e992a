import { setTimeout as sleep } from 'node:timers/promises';

const first_ms = 20;
const cap_ms = 2_000;

/** Waits before attempt `attempt` + 1: exponential, capped, full jitter (so that peers don't try in step). */
export async function pause(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(cap_ms, first_ms * 2 ** Math.min(attempt - 1, 10)));
}
