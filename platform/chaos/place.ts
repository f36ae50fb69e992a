// Where chaos is to happen, and what can happen there.

import { type FaultType, faultTypesOf, type Place } from './faults.ts';
import type { Ground } from './ground.ts';
import { startOwn, takePlatform } from './local/ground.ts';
import type { Platform } from './report/report.ts';

export interface PlaceOptions {
  readonly target: Place;
  /** On Kubernetes, with the release's name, and the URL of its REST if it can't be found. */
  readonly namespace: string;
  readonly release: string;
  readonly url?: string;
  /** Of the platform that it starts. */
  readonly replicas: number;
  readonly coordinatorShards: number;
  readonly inventoryShards: number;
  /** Of a running platform; without it one is started. */
  readonly port?: number;
  /** All that there are where the platform runs. */
  readonly faults?: readonly FaultType[];
}

interface GroundOptions {
  readonly faults: readonly FaultType[];
  /** Of a release's REST, if it can't be found. */
  readonly url: string | undefined;
  say(line: string): void;
}

/** Fails when one of those that are asked for can't be had where the platform runs. */
export function chosenFaults({ target, faults = faultTypesOf[target] }: PlaceOptions): readonly FaultType[] {
  const here = faultTypesOf[target];
  const other = faults.find((type) => !here.includes(type));
  if (other === undefined) return faults;
  const where = target === 'local' ? 'on this machine (--target kubernetes has it)' : 'on Kubernetes';
  throw new Error(`there is no ${other} ${where}; there are ${here.join(', ')}`);
}

export function platformOf({ target, port, namespace, release, ...own }: PlaceOptions): Platform {
  if (target === 'kubernetes') return { type: 'kubernetes', namespace, release };
  if (port !== undefined) return { type: 'running', port };
  const { replicas, coordinatorShards, inventoryShards } = own;
  return { type: 'own', replicas, coordinatorShards, inventoryShards };
}

export function describePlatform(platform: Platform): string {
  switch (platform.type) {
    case 'own':
      return 'starting a platform';
    case 'running':
      return `the platform on port ${platform.port}`;
    case 'kubernetes':
      return `the release ${platform.release} in namespace ${platform.namespace}`;
  }
}

export async function openGround(platform: Platform, { faults, url, say }: GroundOptions): Promise<Ground> {
  switch (platform.type) {
    case 'own':
      return startOwn({ ...platform, faults });
    case 'running':
      return takePlatform(platform.port);
    case 'kubernetes': {
      const { takeRelease } = await import('./kubernetes/ground.ts');
      const release = { namespace: platform.namespace, name: platform.release };
      return takeRelease(release, { faults, url, say });
    }
  }
}
