// A release in the namespace `shop`, as the chart makes it.
import type { startApiServer } from './api-server.ts';
import { deployments, nodes, pods, secrets, services } from './api-server.ts';

const labels = (component: string) => ({
  'app.kubernetes.io/name': 'assent',
  'app.kubernetes.io/instance': 'assent',
  'app.kubernetes.io/component': component,
});

/** By service, as in the chart's Secret. */
export type Urls = Readonly<Record<string, string>>;

export function pod(name: string, component: string, port: number, more: { ready?: boolean; leaving?: boolean } = {}) {
  const { ready = true, leaving = false } = more;
  return {
    metadata: { name, labels: labels(component), ...(leaving && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: {
      containers: [
        { name: 'main', ports: [{ name: component === 'postgres' ? 'postgres' : 'http', containerPort: port }] },
      ],
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function deployment(service: string, volumes: readonly object[]) {
  return {
    metadata: { name: `assent-${service}`, labels: labels(service) },
    spec: { template: { spec: { volumes } } },
  };
}

/** Deployments whose pods mount the Secret, and the chart's PostgreSQL, where nobody listens. */
export function putDatabases(api: Awaited<ReturnType<typeof startApiServer>>, urls: Urls): void {
  const data = Object.entries(urls).map(([service, url]) => [service, Buffer.from(url).toString('base64')]);
  const mount = (service: string) => ({
    name: 'database',
    secret: { secretName: 'assent-databases', items: [{ key: service, path: 'url' }] },
  });
  api.put(secrets, { metadata: { name: 'assent-databases' }, ...{ data: Object.fromEntries(data) } });
  api.put(
    deployments,
    deployment('gateway', []),
    ...['coordinator', 'order', 'inventory', 'payment'].map((service) => deployment(service, [mount(service)])),
  );
  const spec = { selector: labels('postgres'), ports: [{ name: 'postgres', port: 5432, targetPort: 'postgres' }] };
  api.put(services, { metadata: { name: 'assent-postgres' }, ...{ spec } });
  api.put(pods, pod('assent-postgres-0', 'postgres', 1));
}

/** The gateway's Service at a port of a node; without a port only inside. */
export function putGateway(api: Awaited<ReturnType<typeof startApiServer>>, nodePort?: number): void {
  const port = { name: 'http', port: 8080, targetPort: 'http', ...(nodePort && { nodePort }) };
  api.put(services, {
    metadata: { name: 'assent-gateway', labels: labels('gateway') },
    ...{ spec: { ports: [port] } },
  });
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  api.put(nodes, { metadata: { name: 'node-1' }, ...{ status: { addresses } } });
}
