// Where the databases of a release are.
import type { V1Deployment } from '@kubernetes/client-node';
import type { DatabaseUrls } from '../check/sources.ts';
import type { Cluster } from './cluster.ts';
import { type Forward, openForward } from './forward.ts';
import { type Release, selectorOf } from './release.ts';
import { databaseUrls } from './urls.ts';

export interface OpenDatabases {
  readonly databases: DatabaseUrls;
  /** Ends what leads there. */
  close(): Promise<void>;
}

/**
 * Reads the URLs from the Secrets that the services' pods mount. From outside, those that name a Service of the cluster lead
 * through the API server to its pods; others, of databases elsewhere, are taken as they are.
 */
export async function openDatabases(cluster: Cluster, release: Release): Promise<OpenDatabases> {
  const databases = databaseUrls(await readSecrets(cluster, release));
  if (cluster.isInside) return { databases, close: async () => {} };
  const forwards = new Map<string, Promise<Forward>>();
  const close = async () => {
    const opened = await Promise.allSettled(forwards.values());
    await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  };
  const reach = async (text: string): Promise<string> => {
    const url = new URL(text);
    const service = serviceOf(url.hostname, release.namespace);
    if (!service) return text;
    const key = `${service.namespace}/${service.name}:${url.port}`;
    if (!forwards.has(key)) forwards.set(key, forwardTo(cluster, service, Number(url.port || 5432)));
    const { port } = (await forwards.get(key)) as Forward;
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  };
  try {
    const reached = Object.entries(databases).map(async ([name, url]) => [name, await reach(url)] as const);
    return { databases: Object.fromEntries(await Promise.all(reached)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What each service is given, by the service's name: URLs with commas in between. */
async function readSecrets(cluster: Cluster, release: Release): Promise<Record<string, string>> {
  const { namespace, name } = release;
  const { items } = await cluster.apps.listNamespacedDeployment({ namespace, labelSelector: selectorOf(release) });
  const mounts = items.flatMap(mountOf);
  if (mounts.length === 0)
    throw new Error(`there is no release ${name} in namespace ${namespace}; \`helm list --all-namespaces\` shows them`);
  const secrets = new Map(
    await Promise.all(
      [...new Set(mounts.map(({ secret }) => secret))].map(
        async (secret) =>
          [secret, (await cluster.core.readNamespacedSecret({ namespace, name: secret })).data] as const,
      ),
    ),
  );
  return Object.fromEntries(
    mounts.map(({ service, secret, key }) => {
      const value = secrets.get(secret)?.[key];
      if (value === undefined) throw new Error(`the Secret ${namespace}/${secret} has no key ${key}`);
      return [service, Buffer.from(value, 'base64').toString()];
    }),
  );
}

interface Mount {
  readonly service: string;
  readonly secret: string;
  readonly key: string;
}

/** The volume `database` of a service's pods. */
function mountOf({ metadata, spec }: V1Deployment): Mount[] {
  const service = metadata?.labels?.['app.kubernetes.io/component'];
  const volume = spec?.template.spec?.volumes?.find(({ name }) => name === 'database')?.secret;
  const key = volume?.items?.[0]?.key;
  return service && volume?.secretName && key ? [{ service, secret: volume.secretName, key }] : [];
}

interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** NAME, or NAME.NAMESPACE.svc with or without the cluster's domain; any other host is elsewhere. */
export function serviceOf(host: string, namespace: string): ServiceName | undefined {
  const [name = '', inNamespace = namespace, svc = 'svc'] = host.split('.');
  const isService =
    /^[a-z]/.test(name) && name !== 'localhost' && svc === 'svc' && (host === name || host.includes('.svc'));
  return isService ? { namespace: inNamespace, name } : undefined;
}

async function forwardTo(cluster: Cluster, service: ServiceName, port: number): Promise<Forward> {
  const { spec } = await cluster.core.readNamespacedService(service);
  const target = spec?.ports?.find((one) => one.port === port);
  if (!spec?.selector || !target)
    throw new Error(`the Service ${service.namespace}/${service.name} leads to no pods at port ${port}`);
  const selector = Object.entries(spec.selector).map(([key, value]) => `${key}=${value}`);
  return openForward(cluster, {
    namespace: service.namespace,
    selector: selector.join(','),
    port: target.targetPort ?? port,
  });
}
