import { gauge } from '@assent/telemetry';
import type { InDoubt } from './reconciler.ts';

const count = gauge('assent_prepared_branches', 'Branches that are prepared, by database.', ['shard']);
const oldest = gauge('assent_prepared_oldest_seconds', 'Age of the oldest branch that is prepared, by database.', [
  'shard',
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
