import { renameSync, writeFileSync } from 'node:fs';

/** One replica, as the endpoints' file shows it. */
export interface Endpoint {
  /** Such as order-1. */
  readonly name: string;
  readonly service: string;
  readonly port: number;
  readonly ready: boolean;
  /** Still answers, though it takes no new work when it terminates. */
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** The EndpointSliceList (discovery.k8s.io/v1) which Kubernetes would show; every replica has a slice and a port of its own. */
export function endpointSlices(endpoints: readonly Endpoint[]): object {
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items: endpoints.map(endpointSlice) };
}

function endpointSlice({ name, service, port, ready, serving, terminating }: Endpoint): object {
  return {
    metadata: { name, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready, serving, terminating } }],
  };
}

/** Replaces the file; a reader sees the old list or the new one. */
export function writeEndpoints(path: string, endpoints: readonly Endpoint[]): void {
  writeFileSync(`${path}.new`, JSON.stringify(endpointSlices(endpoints), undefined, 2));
  renameSync(`${path}.new`, path);
}
