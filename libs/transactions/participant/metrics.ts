import { counter, gauge } from '@assent/telemetry';
import type { Waiting } from './lanes.ts';
import type { InDoubt } from './reconciler.ts';

const count = gauge('assent_prepared_branches', 'Branches that are prepared, by database.', ['shard']);
const oldest = gauge('assent_prepared_oldest_seconds', 'Age of the oldest branch that is prepared, by database.', [
  'shard',
]);

const queued = gauge('assent_lane_queued_calls', 'Branch calls that wait for their batch.', ['operation', 'action']);

/** Shows how many calls wait in each lane, of all databases together, until what it gives is called. */
export function showQueues(read: () => readonly Waiting[]): () => void {
  return queued.watch(() => read().map(({ calls, ...labels }) => ({ labels, value: calls })));
}

/** What a coordinator had to be asked about. */
export const ended = counter('assent_in_doubt_ended_total', 'Branches in doubt that the reconciler has ended.', [
  'decision',
]);

/** Shows what is prepared in each database, until what it gives is called. */
export function showInDoubt(read: () => Promise<readonly InDoubt[]>): () => void {
  const samples = (value: (inDoubt: InDoubt) => number) => async () =>
    (await read()).map((one, shard) => ({ labels: { shard: `${shard}` }, value: value(one) }));
  const hide = [count.watch(samples((one) => one.count)), oldest.watch(samples(({ oldest_ms }) => oldest_ms / 1000))];
  return () => {
    for (const one of hide) one();
  };
}
