// The leases of coordinators, as a model.

interface Lease {
  until_ms: number;
  fenced: boolean;
  /** The newest records that its coordinator knows. */
  readonly version: number;
}

export interface Leases {
  /** @param version the newest records that the coordinator knows, and writes */
  register(lease_ms: number, version?: number): number;
  renew(epoch: number, lease_ms: number): boolean;
  fence(epoch: number): void;
  /** Fences whoever let its lease run out. */
  fenceExpired(): void;
  isFenced(epoch: number): boolean;
  versionOf(epoch: number): number;
}

/** Epochs count from 1. One that isn't known was fenced and forgotten long ago. */
export function createLeases(clock: { readonly now_ms: number }): Leases {
  const leases: Lease[] = [];
  return {
    register(lease_ms, version = 1) {
      leases.push({ until_ms: clock.now_ms + lease_ms, fenced: false, version });
      return leases.length;
    },
    renew(epoch, lease_ms) {
      const lease = leases[epoch - 1];
      if (!lease || lease.fenced) return false;
      lease.until_ms = clock.now_ms + lease_ms;
      return true;
    },
    fence(epoch) {
      const lease = leases[epoch - 1];
      if (lease) lease.fenced = true;
    },
    fenceExpired() {
      for (const lease of leases) if (lease.until_ms < clock.now_ms) lease.fenced = true;
    },
    isFenced: (epoch) => leases[epoch - 1]?.fenced ?? true,
    versionOf: (epoch) => leases[epoch - 1]?.version ?? 1,
  };
}
