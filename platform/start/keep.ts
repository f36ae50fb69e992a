import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '@assent/postgres/embedded';
import { type Identity, identify, isAlive, signal } from '../run/identity.ts';
import { restartDelay_ms, settled_ms } from './backoff.ts';

/** Between two looks whether the server lives. */
const period_ms = 500;

/** Looks whether the server lives, and starts it again when it doesn't. When it is over: the server that there is. */
export async function keepServer(
  first: EmbeddedPostgres,
  begin: () => Promise<EmbeddedPostgres>,
  over: AbortSignal,
  onDeath: (restartIn_ms: number) => void,
): Promise<EmbeddedPostgres> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => {});
  let server = first;
  let identity: Identity | undefined = identify(first.pid);
  let begun_ms = performance.now();
  for (let deaths = 0; !over.aborted; await pause(period_ms)) {
    if (identity && isAlive(identity)) continue;
    deaths = performance.now() - begun_ms > settled_ms ? 1 : deaths + 1;
    const restartIn_ms = restartDelay_ms(deaths, Math.random());
    onDeath(restartIn_ms);
    await pause(restartIn_ms);
    if (over.aborted) break;
    begun_ms = performance.now();
    server = await begin().catch(() => server);
    identity = identify(server.pid);
  }
  return server;
}

/** Ends a server whose directory goes away: that needs no checkpoint. */
export async function stopAtOnce(pid: number): Promise<void> {
  const identity = identify(pid);
  if (!identity) return;
  signal(identity, 'SIGQUIT');
  for (let wait = 0; wait < 500 && isAlive(identity); wait++) await sleep(10);
}
