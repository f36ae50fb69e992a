import type { Platform, Settings } from './report.ts';

/** What makes the same faults happen again. */
export function commandOf({ seed, duration_s, every_s, settled_s, faults, rate, mode, platform }: Settings): string {
  return `pnpm chaos ${optionsOf(platform)}--seed ${seed} --duration ${duration_s} --every ${every_s} --settled ${settled_s} --rate ${rate} --mode ${mode} --faults ${faults.join()}`;
}

function optionsOf(platform: Platform): string {
  switch (platform.type) {
    case 'own': {
      const sharded = (name: string, count: number) => (count > 1 ? `--${name}-shards ${count} ` : '');
      const shards =
        sharded('coordinator', platform.coordinatorShards) + sharded('inventory', platform.inventoryShards);
      return `--replicas ${platform.replicas} ${shards}`;
    }
    case 'running':
      return `--port ${platform.port} `;
    case 'kubernetes':
      return `--target kubernetes --namespace ${platform.namespace} --release ${platform.release} `;
  }
}
