import { hostname } from 'node:os';
import { type Elected, electedBy, everywhere } from '@assent/lease';
import type { Logger } from '@assent/telemetry';
import type { ServiceConfig } from './config.ts';

/** Who does what one replica is enough for: the one that holds SINGLETON_LEASE, and each of them without that. */
export function openSingleton({ SINGLETON_LEASE: lease, POD_NAME: pod }: ServiceConfig, log: Logger): Elected {
  if (lease === undefined) return { singleton: everywhere, close: async () => {} };
  const [namespace, name] = lease.split('/') as [string, string];
  return electedBy({ namespace, name }, pod ?? hostname(), log);
}
