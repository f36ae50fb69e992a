// How often, how long and with what outcome methods are called: metrics by the semantic conventions for RPC.
import { type EndpointLoad, endpointLoads } from '@assent/discovery';
import { gauge, histogram } from '@assent/telemetry';
import type { RpcError } from './errors.ts';

const labels = ['rpc_system_name', 'rpc_method', 'rpc_status_code'] as const;
const serverDuration = histogram('rpc_server_call_duration_seconds', 'How long it took to answer calls.', labels);
const clientDuration = histogram('rpc_client_call_duration_seconds', 'How long calls took, with all their attempts.', [
  ...labels,
  'server_address',
]);

const endpointLabels = ['service', 'endpoint'] as const;
const endpointInFlight = gauge('assent_balancer_in_flight_calls', 'Calls under way, by endpoint.', endpointLabels);
const endpointLatency = gauge(
  'assent_balancer_latency_seconds',
  'The mean latency by which endpoints are weighed: it jumps up at once and decays.',
  endpointLabels,
);
const endpointCost = gauge(
  'assent_balancer_cost',
  'What one more call would cost an endpoint; of two, the cheaper one is called.',
  endpointLabels,
);
const endpointState = gauge(
  'assent_balancer_endpoints',
  'Clients of this process by what they think of an endpoint: fit, starting, ejected, unhealthy, checking, connecting, unreachable.',
  ['service', 'endpoint', 'zone', 'state'],
);
const endpointEjections = gauge(
  'assent_balancer_ejections',
  'How many times in a row an endpoint was left out for how it behaved; it falls again with good behaviour.',
  endpointLabels,
);
endpointState.watch(() =>
  endpointLoads().map(({ service, endpoint, zone, state }) => ({
    labels: { service, endpoint, zone, state },
    value: 1,
  })),
);
endpointEjections.watch(() => perEndpoint((loads) => Math.max(...loads.map(({ ejections }) => ejections))));
endpointInFlight.watch(() => perEndpoint((loads) => sum(loads.map(({ load }) => load.inFlight))));
endpointLatency.watch(() => perEndpoint((loads) => Math.max(...loads.map(({ load }) => load.latency_ms ?? 0)) / 1000));
endpointCost.watch(() => perEndpoint((loads) => Math.max(...loads.map(({ cost }) => cost))));

/** Several clients of this process may call the same endpoint. */
function perEndpoint(toValue: (loads: readonly EndpointLoad[]) => number) {
  const loads = Map.groupBy(endpointLoads(), ({ service, endpoint }) => `${service} ${endpoint}`);
  return [...loads.values()].map((same) => {
    const { service, endpoint } = same[0]!;
    return { labels: { service, endpoint }, value: toValue(same) };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Notes that a call has ended, which began at `begin_ms` by performance.now(). */
export type Measure = (begin_ms: number, error?: RpcError) => void;

/** For the calls that come to one method. */
export function serverMeasure(method: string): Measure {
  return measure((code) => serverDuration.labels('grpc', method, code));
}

/** For the calls that go to one method of a server. */
export function clientMeasure(method: string, serverAddress: string): Measure {
  return measure((code) => clientDuration.labels('grpc', method, code, serverAddress));
}

/** Looks the series of an outcome up once only: it costs as much as to use it. */
function measure(seriesOf: (code: string) => { observe(value: number): void }): Measure {
  const known = new Map<string, ReturnType<typeof seriesOf>>();
  return (begin_ms, error) => {
    const code = error?.code ?? 'OK';
    let series = known.get(code);
    if (!series) {
      series = seriesOf(code);
      known.set(code, series);
    }
    series.observe((performance.now() - begin_ms) / 1000);
  };
}
