import { renameSync, writeFileSync } from 'node:fs';
import type { Replica } from './replica.ts';

/** Replaces the file that tells where /metrics of every replica is, as Prometheus reads it (file_sd_configs). */
export function writeMetricsTargets(path: string, replicas: readonly Replica[]): void {
  const groups = replicas.flatMap(({ name, service, state, metricsPort }) => {
    if (state.type === 'down' || metricsPort === undefined) return [];
    return [{ targets: [`127.0.0.1:${metricsPort}`], labels: { service, instance: name } }];
  });
  writeFileSync(`${path}.new`, JSON.stringify(groups, undefined, 2));
  renameSync(`${path}.new`, path);
}
