// What the coordinator counts, and what it shows of the log.
import { counter, gauge, type Sample } from '@assent/telemetry';
import type { Branch, Command, Transaction } from '@assent/transactions/protocol';
import type { Incarnation } from './incarnation.ts';
import type { Store } from './store/index.ts';

export const begun = counter('assent_transactions_begun_total', 'Transactions begun here, by the kinds of branches.', [
  'kinds',
]);
export const decided = counter('assent_transactions_decided_total', 'Transactions decided here: COMMIT or ABORT.', [
  'kinds',
  'decision',
]);
export const parked = counter('assent_transactions_parked_total', 'Transactions parked here, to wait for a person.', [
  'kinds',
]);
export const takenOver = counter('assent_transactions_taken_over_total', 'Transactions taken over from peers.', []);
export const acted = counter('assent_transactions_acts_total', 'Acts of operators, performed here.', ['act']);

const driven = gauge('assent_coordinator_transactions', 'Transactions that this coordinator drives.', ['shard']);
const open = gauge('assent_log_transactions', 'Transactions in the log that have not ended, by state.', [
  'shard',
  'state',
]);
const oldest = gauge('assent_log_oldest_transaction_seconds', 'Age of the oldest that has not ended, by state.', [
  'shard',
  'state',
]);
const lag = gauge(
  'assent_recovery_lag_seconds',
  'How long ago the lease ran out of whoever has transactions that nobody has taken over yet; 0 when all is well.',
  ['shard'],
);

/** Each transaction once: what is decided is announced by whoever has logged it. */
export function announced(
  { branches, state }: Transaction,
  milestone: Extract<Command, { type: 'announce' }>['milestone'],
): void {
  if (milestone === 'APPLIED') return;
  const kinds = kindsOf(branches);
  const decision = state === 'COMMITTING' || state === 'COMMITTED' ? 'COMMIT' : 'ABORT';
  if (milestone === 'PARKED') parked.inc({ kinds });
  else decided.inc({ kinds, decision });
}

/** COMPENSATABLE+RETRIABLE, say: each kind of its branches once, in alphabetical order. */
export function kindsOf(branches: readonly Branch[]): string {
  return [...new Set(branches.map(({ kind }) => kind))].sort().join('+');
}

/** Several gauges are read at a time, of one look at the log. */
const fresh_ms = 500;

/** Shows what a shard of the log has open. Gives what ends it. */
export function watchLog(
  store: Pick<Store, 'openStates' | 'recoveryLag_s'>,
  incarnation: () => Incarnation | undefined,
  shard = '0',
): () => void {
  const openStates = remembered(() => store.openStates());
  const perState = async (value: (state: Awaited<ReturnType<typeof openStates>>[number]) => number) =>
    (await openStates()).map((one) => ({ labels: { shard, state: one.state }, value: value(one) }));
  const single = (value: number): Sample<'shard'>[] => [{ labels: { shard }, value }];
  const ends = [
    driven.watch(() => single(incarnation()?.engine.size() ?? 0)),
    open.watch(() => perState(({ count }) => count)),
    oldest.watch(() => perState(({ oldest_s }) => oldest_s)),
    lag.watch(async () => single(await store.recoveryLag_s())),
  ];
  return () => ends.forEach((end) => void end());
}

function remembered<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { readonly at_ms: number; readonly found: Promise<T> } | undefined;
  return () => {
    if (!last || performance.now() - last.at_ms > fresh_ms) last = { at_ms: performance.now(), found: look() };
    return last.found;
  };
}
