// What clients do beyond making each call once: metrics.
import { counter } from '@assent/telemetry';

const labels = ['rpc_method', 'server_address'] as const;
const attempts = counter(
  'assent_rpc_client_attempts_total',
  'Attempts beyond the first of each call: retries after a failure, hedges of one that took long.',
  [...labels, 'kind'],
);
const hedges = counter(
  'assent_rpc_client_hedges_total',
  'Hedged calls, by whether the second attempt answered first.',
  [...labels, 'outcome'],
);
const refused = counter(
  'assent_rpc_client_late_total',
  'Calls, and retries, that were not made for lack of time.',
  labels,
);
const exhausted = counter(
  'assent_rpc_client_budget_exhausted_total',
  'Retries and hedges that were not made because their budget was spent.',
  [...labels, 'kind'],
);

type Kind = 'retry' | 'hedge';

export interface ClientCounts {
  attempted(kind: Kind): void;
  hedged(outcome: 'won' | 'lost'): void;
  /** There wasn't enough time left. */
  late(): void;
  exhausted(kind: Kind): void;
}

/** For the calls that go to one method of a server. */
export function clientCounts(method: string, serverAddress: string): ClientCounts {
  return {
    attempted: (kind) => attempts.labels(method, serverAddress, kind).inc(),
    hedged: (outcome) => hedges.labels(method, serverAddress, outcome).inc(),
    late: () => refused.labels(method, serverAddress).inc(),
    exhausted: (kind) => exhausted.labels(method, serverAddress, kind).inc(),
  };
}
