import { setTimeout as sleep } from 'node:timers/promises';
import { backoff_ms, lookUpZone, serviceTarget } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import type { ServiceConfig } from './config.ts';

const BACKOFF = { first_ms: 500, cap_ms: 10_000 };
/** A pod gets its entry a second or two after its address, if its service has entries at all. */
const PATIENCE_MS = 5_000;
const EVERY_MS = 250;

/**
 * ZONE, or in Kubernetes the zone of the pod with POD_IP; undefined when it is in none. In Kubernetes it waits first until it may
 * look at EndpointSlices, and says once per reason why it may not: a replica that can't find others is not ready, and
 * whoever is replaced by it goes on. Throws the signal's reason.
 */
export async function findZone(
  service: string,
  { SERVICE_TARGET: template, ZONE: zone, POD_IP: address }: ServiceConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!template?.startsWith('kubernetes:')) return zone;
  const target = serviceTarget(template, service);
  const lookUp = () => lookUpZone(target, address ?? '', signal);
  let found = await whenAllowed(lookUp, log, signal);
  if (zone !== undefined || address === undefined) return zone;
  for (const until_ms = performance.now() + PATIENCE_MS; found === undefined && performance.now() < until_ms; ) {
    await pause(EVERY_MS, signal);
    found = await lookUp().catch(() => undefined);
  }
  if (found === undefined)
    log.info({ target, address }, 'no zone: the EndpointSlices of this service have no such address');
  return found || undefined;
}

async function whenAllowed<T>(look: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> {
  let told: string | undefined;
  for (let attempts = 1; ; attempts++) {
    try {
      return await look();
    } catch (error) {
      const { message } = error as Error;
      if (message !== told && !signal.aborted) log.warn(`not ready, waiting for discovery: ${message}`);
      told = message;
    }
    await pause(backoff_ms(attempts, BACKOFF, Math.random()), signal);
  }
}

async function pause(wait_ms: number, signal: AbortSignal): Promise<void> {
  await sleep(wait_ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
